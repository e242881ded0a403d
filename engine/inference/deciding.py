"""What becomes of a step that review has decided on: a decision with its reason, its payload and its proof."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from engine.events import Decision, Proof
from engine.feel import Value
from engine.inference.activation import Step, digest
from engine.inference.activations import Activations
from engine.inference.memory import ActivationMemory
from engine.inference.nodes import Act, Compiled, Condition
from engine.inference.proof import Prover, plain
from engine.inference.settle import Settler
from engine.inference.state import Entity, Unknown
from engine.inference.words import fill

UNPROVEN: Final = Proof(kind="rule", path="")
"""Stands for the proof where nobody reads proofs."""


class Decider:
    """Makes decisions over the state as it is."""

    def __init__(self, settler: Settler, activations: Activations, *, proven: bool) -> None:
        self._settler = settler
        self._activations = activations
        self._proven = proven
        self.use()

    def use(self) -> None:
        """Decide by the settler's rulebook: the first, or another."""
        self.rulebook = self._settler.rulebook
        self.prover = Prover(self._settler)

    def decide(self, steps: Iterable[Step], now: datetime) -> list[Decision]:
        """Make the decisions of one moment."""
        self.prover.begin()
        return [self._decision(step, now) for step in steps]

    def _decision(self, step: Step, now: datetime) -> Decision:
        act, entity, activation = step.act, step.entity, step.activation
        spec = act.spec
        settings = self.rulebook.settings
        if step.kind != "propose":
            proof = self._prove(step.by or act.life, entity)
            again = f"ask {now.isoformat()}" if step.kind == "ask" else step.kind  # may happen more than once
            return Decision(
                id=digest(activation.key, activation.episode, again), kind=step.kind, proposal=activation.proposal,
                because=step.because or f"no longer true: {act.life.when.text.strip()}", proof=proof,
                key=activation.key, at=now, revision=settings.revision,
            )  # fmt: skip
        return Decision(
            id=activation.proposal, kind="propose", proposal=activation.proposal, operation=spec.operation,
            inputs=self.inputs(act, entity), draft=spec.draft or "", policy=spec.autonomy or "",
            valid_until=activation.until and activation.until.astimezone(settings.zone), group=spec.group or "",
            root=self._activations.root(entity) if spec.group else "",
            because=self._because(act, entity), proof=self._prove(act.condition, entity),
            key=activation.key, at=now, revision=settings.revision,
        )  # fmt: skip

    def inputs(self, act: Act, entity: Entity) -> Mapping[str, Value]:
        """Return the payload inputs of an action as they are at present."""

        def value(given: Compiled | tuple[tuple[str, Compiled], ...]) -> Value:
            if isinstance(given, Compiled):
                return plain(self._settler.compute(given, entity))
            return {name: plain(self._settler.compute(each, entity)) for name, each in given}

        return {name: value(given) for name, given in act.inputs.items()}

    def _because(self, act: Act, entity: Entity) -> str:
        because = act.condition.rule.because
        if because is None:
            return act.condition.when.text.strip()
        return fill(because.text, lambda text: self._let(act, entity, text))

    def _let(self, act: Act, entity: Entity, text: str) -> Value:
        written = act.condition.rule.let.get(text.strip())
        value = self._settler.compute(self.rulebook.adhoc(entity.type, written.text if written else text), entity)
        return None if isinstance(value, Unknown) else plain(value)

    def _prove(self, condition: Condition, entity: Entity) -> Proof:
        return self.prover.condition(condition, entity) if self._proven else UNPROVEN


def orphaned(activation: ActivationMemory, now: datetime, revision: str) -> Decision:
    """Withdraw a proposal whose rule or subject is no more."""
    because = "the rule or its subject is gone"
    proof = Proof(kind="rule", path=activation.subject, value=False, text=because)
    return Decision(
        id=digest(activation.key, activation.episode, "withdraw"), kind="withdraw", proposal=activation.proposal,
        key=activation.key, at=now, revision=revision, because=because, proof=proof,
    )  # fmt: skip
