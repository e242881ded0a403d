"""Running the given/then examples beside the rulesets, through the very engine of production."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from approvals.reading.taking import by_patterns
from engine.events import ChangeEvent, Decision
from engine.feel import Value, to_value
from engine.inference.clock import HeldClock
from engine.inference.durations import after
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.inference.truth import Held
from engine.inference.whynot import condition_of
from engine.inference.words import say
from engine.mapping.coerce import Misfit, coerce
from engine.model.structs import Field
from engine.rules import Home, load_home
from engine.rules.examples import Entities, Example, Expectation, Step
from engine.source.problem import ConfigError, Problem


class ExampleResult(msgspec.Struct, frozen=True, kw_only=True):
    """One example: whether it holds, and what was otherwise than expected."""

    workflow: str
    name: str
    passed: bool
    differences: tuple[str, ...] = ()


def run(folder: Path, workflows: Sequence[str] = ()) -> list[ExampleResult]:
    """Run the examples of all rulesets, or of those named; raises ConfigError when the home has faults."""
    home = load_home(folder).sound()
    rulebook = Rulebook.of(home)
    return [
        check(home, rulebook, workflow, example)
        for workflow, examples in sorted(home.examples.items())
        if not workflows or workflow in workflows
        for example in examples.examples
    ]


Watch = Callable[[Session, Sequence[Decision]], None]
"""Sees the session after each input of an example, with what the input caused."""


def _unwatched(_session: Session, _decisions: Sequence[Decision]) -> None:
    return


def check(home: Home, rulebook: Rulebook, workflow: str, example: Example, watch: Watch = _unwatched) -> ExampleResult:
    """Play one example in a session of its own."""
    play = _Play(home, rulebook, workflow, example, watch)
    first = Step(change=example.given, after=example.after, then=example.then, place=example.place)
    differences = [*play.given(first)]
    for step in example.steps:
        differences += play.step(step)
    return ExampleResult(workflow=workflow, name=example.name, passed=not differences, differences=tuple(differences))


class _Play:
    """One example under way."""

    def __init__(self, home: Home, rulebook: Rulebook, workflow: str, example: Example, watch: Watch) -> None:
        self.home = home
        self.workflow = workflow
        self.place = example.place
        self.watch = watch
        self.clock = HeldClock(datetime.fromisoformat(example.at))
        self.session = Session(rulebook, self.clock, complete=True)
        self.fields: dict[tuple[str, str], dict[str, Any]] = {}

    def given(self, step: Step) -> Iterator[str]:
        """Tell what is there, then let time pass; `then` looks at both together."""
        decisions = self.tell(step.change)
        decisions += self.wait(step.after)
        yield from self.compare(step.then, settled(decisions))

    def step(self, step: Step) -> Iterator[str]:
        """Let time pass, then tell what changes."""
        decisions = self.wait(step.after)
        decisions += self.tell(step.change)
        for ref in step.delete:
            type, _, id = ref.partition(":")
            decisions += self.apply(ChangeEvent(entity=type, id=id, record=_record(type, id), fields={}, deleted=True))
        yield from self.compare(step.then, settled(decisions))

    def wait(self, duration: str | None) -> list[Decision]:
        if duration is None:
            return []
        self.clock.set(after(self.clock.now(), duration))
        decisions = self.session.advance(self.clock.now())
        self.watch(self.session, decisions)
        return decisions

    def apply(self, event: ChangeEvent) -> list[Decision]:
        decisions = self.session.apply(event)
        self.watch(self.session, decisions)
        return decisions

    def tell(self, entities: Entities) -> list[Decision]:
        decisions: list[Decision] = []
        for type, rows in entities.items():
            for row in rows:
                id = str(row["id"])
                known = self.fields.setdefault((type, id), {})
                known.update({name: value for name, value in row.items() if name != "id"})
                fields = dict(self.coerced(type, known))
                decisions += self.apply(ChangeEvent(entity=type, id=id, record=_record(type, id), fields=fields))
                decisions += self.read(type, id)
        return decisions

    def read(self, type: str, id: str) -> list[Decision]:
        """Read the texts of an entity as they are read where no model answers."""
        decisions: list[Decision] = []
        steps = ((ruleset.id, step) for ruleset in self.home.rulesets.values() for step in ruleset.read)
        for ruleset, step in steps:
            entity = self.session.state.find(f"{type}:{id}") if step.of == type else None
            event = by_patterns(self.session, ruleset, step, entity) if entity is not None else None
            decisions += self.apply(event) if event is not None else []
        return decisions

    def coerced(self, type: str, row: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
        declared = self.session.rulebook.model.entities[type].fields
        for name, value in row.items():
            field = declared[name]
            if field.ref:
                yield name, None if value is None else str(value)
            else:
                yield name, self.fitted(field, value, row, f"{type}.{name}")

    def fitted(self, field: Field, value: Any, row: Mapping[str, Any], name: str) -> Value:  # noqa: ANN401  (YAML data)
        currency = row.get(field.currency_field or "") or field.currency or self.home.app.currency
        fitted = coerce(to_value(value), field, self.session.rulebook.settings.zone, currency)
        if isinstance(fitted, Misfit):
            message = f"{name} takes {fitted.expected}, not {value!r}"
            raise ConfigError((Problem("unfit-value", message, self.place),))
        return fitted

    # --- what must be so --------------------------------------------------------------------------------------

    def compare(self, expected: Sequence[Expectation], decisions: Sequence[Decision]) -> Iterator[str]:
        for each in expected:
            yield from self.expectation(each, decisions)

    def expectation(self, each: Expectation, decisions: Sequence[Decision]) -> Iterator[str]:
        if each.nothing and decisions:
            yield f"{each.place}: nothing was to happen, but {'; '.join(map(told, decisions))}"
        for kind, wanted in (("propose", each.propose), ("withdraw", each.withdraw)):
            if wanted is not None:
                yield from self.decided(kind, wanted, each, decisions)
        if each.hold is not None:
            yield from self.held(each.hold, each)
        for path, value in each.facts.items():
            yield from self.fact(path, value, each)

    def decided(self, kind: str, wanted: str, each: Expectation, decisions: Sequence[Decision]) -> Iterator[str]:
        found = [decision for decision in decisions if decision.kind == kind and named(decision) == wanted]
        if not found:
            happened = "; ".join(map(told, decisions)) or "nothing"
            yield f"{each.place}: expected {kind} {wanted}; what happened: {happened}"
            return
        decision = found[-1]
        if each.because is not None and each.because not in decision.because:
            yield f"{each.place}: the reason is `{decision.because}`, without `{each.because}`"
        for name, value in each.inputs.items():
            got = plain(decision.inputs.get(name))
            if got != plain(value):
                yield f"{each.place}: input {name} is {got}, not {plain(value)}"

    def held(self, wanted: str, each: Expectation) -> Iterator[str]:
        rule, _, subject = wanted.partition(" for ")
        condition = condition_of(self.session.rulebook, f"{self.workflow}/{rule}")
        entity = self.session.state.find(subject)
        truth = self.session.truth(condition, entity) if condition is not None and entity is not None else None
        if not isinstance(truth, Held):
            yield f"{each.place}: {rule} was to hold for {subject}, but it is {truth}"

    def fact(self, path: str, value: Any, each: Expectation) -> Iterator[str]:  # noqa: ANN401  (YAML data)
        subject, _, name = path.rpartition(".")
        got = plain(self.session.value(subject, name))
        if got != plain(value):
            yield f"{each.place}: {path} is {got}, not {plain(value)}"


def settled(decisions: Sequence[Decision]) -> list[Decision]:
    """Return what is left of decisions after those that took each other back at once."""
    proposed = {decision.proposal for decision in decisions if decision.kind == "propose"}
    undone = {decision.proposal for decision in decisions if decision.kind in ("withdraw", "expire")} & proposed
    return [decision for decision in decisions if decision.proposal not in undone]


def named(decision: Decision) -> str:
    """Name a decision as examples do."""
    return f"{decision.key.rule}/{decision.key.action} for {decision.key.subject}"


def told(decision: Decision) -> str:
    """Say what a decision does."""
    return f"{decision.kind} {named(decision)}"


def plain(value: Any) -> Any:  # noqa: ANN401  (any value, told in words)
    """Return a value as examples write it."""
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    return value if value is None or isinstance(value, bool) else say(value)


def _record(type: str, id: str) -> str:
    return f"example/{type}/{id}"
