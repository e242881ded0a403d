"""The first differences explained: both revisions again, side by side, over the inputs of those accounts only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from engine.events import ChangeEvent, Decision, Proof
from engine.inference.rulebook import Rulebook
from engine.inference.whynot import condition_of, why_not
from engine.inference.words import say
from engine.journal import input_of
from engine.model.structs import Model
from engine.ports import Stored
from evals.diff.runs import Player, made
from evals.diff.structs import Difference, Explained, Made

_LINES = 6


def explain(
    base: Rulebook,
    head: Rulebook,
    inputs: Iterable[Stored],
    chosen: Sequence[Difference],
    accounts: Mapping[str, str],
    renamed: Mapping[str, str],
) -> tuple[Explained, ...]:
    """Explain differences; `accounts` says to which account each entity belongs."""
    wanted = {each.made.customer for each in chosen}
    both = _Both(Player(base), Player(head), chosen, renamed)
    for stored in inputs:
        if _concerns(stored, wanted, accounts, head.model):
            both.take(stored)
    return tuple(both.found[number] for number in sorted(both.found))


class _Both:
    """Two revisions side by side, so that each can be asked at the moment at which the other decides."""

    def __init__(self, base: Player, head: Player, chosen: Sequence[Difference], renamed: Mapping[str, str]) -> None:
        self.base = base
        self.head = head
        self.chosen = chosen
        self.renamed = renamed
        self.before = {
            _place(each.before): number for number, each in enumerate(chosen) if each.before and not each.after
        }
        self.after = {_place(each.after): number for number, each in enumerate(chosen) if each.after}
        self.found: dict[int, Explained] = {}

    def take(self, stored: Stored) -> None:
        """Let time pass moment by moment up to an input, then take it in."""
        while (moment := self._next()) is not None and moment <= stored.recorded_at:
            self._told(self.base.session.advance(moment), self.head.session.advance(moment))
        self._told(self.base.take(stored), self.head.take(stored))

    def _next(self) -> datetime | None:
        moments = (self.base.session.next_moment(), self.head.session.next_moment())
        return min((each for each in moments if each is not None), default=None)

    def _told(self, before: Iterable[Decision], after: Iterable[Decision]) -> None:
        for player, other, decisions, places in (
            (self.base, self.head, before, self.before),
            (self.head, self.base, after, self.after),
        ):
            for decision in decisions:
                number = places.get(_place(made(decision, player)))
                if number is not None and number not in self.found:
                    self.found[number] = _explained(self.chosen[number], decision, other, self.renamed)


def _place(each: Made) -> tuple[object, ...]:
    return each.key, each.kind, each.at


def _concerns(stored: Stored, wanted: set[str], accounts: Mapping[str, str], model: Model) -> bool:
    """Whether an input bears on one of the accounts; what belongs to no account bears on all."""
    if stored.kind not in {"record", "deleted"}:
        return True
    event, _ = input_of(stored)
    if not isinstance(event, ChangeEvent) or event.entity not in model.entities:
        return False
    ref = f"{event.entity}:{event.id}"
    return model.entities[event.entity].root is None or accounts.get(ref, "") in {"", *wanted}


def _explained(each: Difference, decision: Decision, other: Player, renamed: Mapping[str, str]) -> Explained:
    key = each.made.key
    alone = each.effect != "changes" and each.made.kind == "propose"
    return Explained(
        effect=each.effect, rule=each.made.rule, action=key.action, subject=key.subject, kind=each.made.kind,
        at=each.made.at, because=decision.because.strip(), details=each.details,
        why=proven(decision.proof),
        why_not=tuple(_why_not(each, other, renamed)) if alone else (),
    )  # fmt: skip


def proven(proof: Proof) -> tuple[str, ...]:
    """Return in a few lines what a decision rested on, nearest first."""
    return tuple(_proven(proof))[:_LINES]


def _proven(proof: Proof) -> Iterator[str]:
    for reason in proof.reasons:
        named = f"{reason.text} of {reason.path}" if reason.kind == "aggregate" else reason.path
        told = f"{named} = {say(reason.value)}" if reason.kind != "rule" else reason.text
        yield told + (f"  [{reason.source.record}]" if reason.source else "")
    for reason in proof.reasons:
        yield from _proven(reason)


def _why_not(each: Difference, other: Player, renamed: Mapping[str, str]) -> Iterator[str]:
    """Yield which parts of the condition stand otherwise in the revision that does not decide so."""
    backwards = {new: old for old, new in renamed.items()}
    name = renamed.get(each.made.rule, backwards.get(each.made.rule, each.made.rule))
    condition = condition_of(other.session.rulebook, name)
    subject = other.session.state.find(each.made.key.subject)
    if condition is None:
        yield f"there is no rule {name}"
        return
    if subject is None:
        yield f"{each.made.key.subject} is not known"
        return
    parts = why_not(other.session, condition, subject).parts
    for part in (part for part in parts if part.outcome != "true"):
        values = ", ".join(f"{path} = {say(value)}" for path, value in part.values.items())
        yield f"`{part.text}` is {part.outcome}" + (f" ({part.reason or values})" if part.reason or values else "")
    if all(part.outcome == "true" for part in parts):
        yield "its condition holds there too, since an earlier moment, or another rule replaces it"
