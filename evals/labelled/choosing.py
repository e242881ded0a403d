"""Which moments of the past are worth a person's label: near the threshold, disagreement, rare kinds."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import msgspec

from engine.events import Decision
from engine.inference.nodes import Condition
from engine.inference.rulebook import Rulebook
from engine.inference.whynot import why_not
from engine.ports import Stored
from engine.rules import Home
from engine.rules.cases import Case
from evals.diff.runs import Player
from evals.labelled.moments import given, name_of

RARE, APART, NEAR = "a rare kind", "the versions disagree", "one condition short"
ORDER = (APART, NEAR, RARE)


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """A case without a label, the proposal that is asked about, and why it is worth asking."""

    case: Case
    asked: str
    why: str
    because: str = ""


def choose(
    home: Home, workflow: str, inputs: Sequence[Stored], *, other: Home | None = None, known: Iterable[str] = (),
    limit: int = 50,
) -> list[Moment]:  # fmt: skip
    """Return moments to label, each kind of reason in turn; those of cases that are known are left out."""
    proposed = _proposed(home, workflow, inputs)
    others = _names(_proposed(other, workflow, inputs)) if other is not None else _names(proposed)
    different, gone = _names(proposed) - others, others - _names(proposed)
    kinds = Counter(each.key.rule for each in proposed.values())
    rare = {each.id for each in proposed.values() if kinds[each.key.rule] <= max(3, len(proposed) // 50)}
    groups: dict[str, list[Moment]] = {each: [] for each in ORDER}
    seen = set(known)
    past = chain(
        _apart(other, workflow, inputs, gone) if other is not None and gone else (),
        _moments(home, workflow, inputs, different, rare),
    )
    for moment in past:
        if moment.case.id not in seen:
            seen.add(moment.case.id)
            groups[moment.why].append(moment)
    turns = [(turn, place, each) for place, why in enumerate(ORDER) for turn, each in enumerate(groups[why])]
    return [each for _, _, each in sorted(turns, key=lambda turn: turn[:2])][:limit]


def _moments(
    home: Home, workflow: str, inputs: Sequence[Stored], different: set[tuple[str, str]], rare: set[str]
) -> Iterator[Moment]:
    """Play the past once and stop where something is worth asking."""
    player = Player(Rulebook.of(home), proven=False)
    conditions = [
        node
        for node in player.session.rulebook.nodes
        if isinstance(node, Condition) and node.ruleset.id == workflow and node.rule.do and not node.action
    ]
    for stored in inputs:
        for decision in player.take(stored):
            if decision.kind == "propose" and decision.key.ruleset == workflow:
                apart = (name_of(decision.key), decision.at.date().isoformat()) in different
                if apart or decision.id in rare:
                    yield _moment(player, decision.key.subject, name_of(decision.key), APART if apart else RARE,
                                  decision.because.strip())  # fmt: skip
        for subject in stored.subjects if stored.kind == "record" else ():
            yield from _near(player, subject, conditions)


def _apart(other: Home, workflow: str, inputs: Sequence[Stored], gone: set[tuple[str, str]]) -> Iterator[Moment]:
    """Yield what only the other version proposes, at the moment at which it does."""
    player = Player(Rulebook.of(other), proven=False)
    for stored in inputs:
        for decision in player.take(stored):
            name = name_of(decision.key)
            asked = decision.kind == "propose" and decision.key.ruleset == workflow
            if asked and (name, decision.at.date().isoformat()) in gone:
                told = f"only the other version proposes it: {decision.because.strip()}"
                yield _moment(player, decision.key.subject, name, APART, told)


def _near(player: Player, subject: str, conditions: Sequence[Condition]) -> Iterator[Moment]:
    """Yield a moment where a rule with several conditions lacks just one of them."""
    entity = player.session.state.find(subject)
    for condition in conditions if entity is not None else ():
        if entity is None or condition.type != entity.type or condition.index in entity.truths:
            continue
        parts = why_not(player.session, condition, entity).parts
        failing = [each for each in parts if each.outcome == "false"]
        if len(parts) > 1 and len(failing) == 1:
            asked = f"{condition.rule.id}/{condition.rule.do[0].id} for {subject}"
            yield _moment(player, subject, asked, NEAR, f"not proposed, for `{failing[0].text}` is false")


def _moment(player: Player, subject: str, asked: str, why: str, because: str) -> Moment:
    at = player.clock.now()
    rule = asked.partition("/")[0]
    id = f"asked_{rule}_{subject.replace(':', '_')}_{at:%Y%m%d}"
    clean = "".join(each if each.isalnum() or each in "_-" else "_" for each in id)
    case = Case(id=clean, at=at.isoformat(), given=given(player.session, subject))
    return Moment(case=case, asked=asked, why=why, because=because)


def _proposed(home: Home, workflow: str, inputs: Sequence[Stored]) -> dict[str, Decision]:
    player = Player(Rulebook.of(home), proven=False)
    made = (each for stored in inputs for each in player.take(stored))
    return {each.id: each for each in made if each.kind == "propose" and each.key.ruleset == workflow}


def _names(proposed: dict[str, Decision]) -> set[tuple[str, str]]:
    return {(name_of(each.key), each.at.date().isoformat()) for each in proposed.values()}
