"""What production has taught: verdicts, edits, rejections and outcomes as candidate cases."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from difflib import unified_diff
from typing import Any

import msgspec

from engine.events import Action
from engine.inference.rulebook import Rulebook
from engine.ports import Stored
from engine.rules import Home
from engine.rules.cases import Case, Label, Words
from evals.autonomy.evidence import Evidence
from evals.autonomy.samples import Life, Sample, sample
from evals.diff.runs import Player
from evals.labelled.moments import given


class Harvested(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate: the case, and the difference between what was drafted and what was sent, "" when there is none."""

    case: Case
    difference: str = ""


def harvest(
    home: Home, workflow: str, inputs: Sequence[Stored], evidence: Evidence, actions: Iterable[Action], *,
    hasty: timedelta, drafted: Mapping[str, str],
) -> list[Harvested]:  # fmt: skip
    """Return a candidate for each action of a workflow that has a label; the facts are those of its proposal.

    `drafted` has the text that was drafted, of the actions whose text a person edited.
    """
    known = {each.id: each for each in actions}
    labelled = [
        (life, label)
        for life in evidence.lives.values()
        if life.unit.startswith(f"{workflow}/")
        if (label := sample(life, hasty=hasty, waits=False)) is not None and label.counts
    ]
    labelled.sort(key=lambda pair: pair[0].proposed)
    player = Player(Rulebook.of(home), proven=False)
    found: list[Harvested] = []
    waiting = iter(inputs)
    stored = next(waiting, None)
    for life, label in labelled:
        while stored is not None and stored.seq < life.proposed:
            player.take(stored)
            stored = next(waiting, None)
        facts = given(player.session, life.subject)
        if facts:
            found.append(_candidate(player, life, label, _texts(known.get(life.action), drafted), facts))
    return found


def _candidate(
    player: Player, life: Life, label: Sample, texts: tuple[str, str], facts: dict[str, tuple[dict[str, object], ...]]
) -> Harvested:
    _, rule, spec = life.unit.split("/")
    name = f"{rule}/{spec} for {life.subject}"
    decided_right = label.correct or (
        life.edited and life.word is not None and life.word.right and life.outcome != "bad"
    )
    sent, drafted = texts
    words = Words(of=name, sent=sent, verdict="good" if label.correct else "bad") if sent and decided_right else None
    case = Case(
        id=f"seen_{life.action[:16]}", at=player.clock.now().isoformat(), given=facts,
        should=(name,) if decided_right else (), should_not=() if decided_right else (name,),
        words=(words,) if words else (),
        label=Label(
            source="outcome" if life.outcome == "bad" else "verdict", by=label.by, on=label.at.date().isoformat(),
            note=label.reason,
        ),
    )  # fmt: skip
    return Harvested(case=case, difference=_difference(drafted, sent))


def _texts(action: Action | None, drafted: Mapping[str, str]) -> tuple[str, str]:
    """Return the text as it was to be sent, and as it was drafted."""
    if action is None or action.draft is None:
        return "", ""
    sent = longest(action.payload) or action.draft.text
    return sent, drafted.get(action.id, action.draft.text)


def _difference(before: str, after: str) -> str:
    if before == after:
        return ""
    return "\n".join(unified_diff(before.splitlines(), after.splitlines(), "drafted", "sent", lineterm=""))


def longest(payload: Mapping[str, Any]) -> str:
    """Return the longest text of a payload, which is what people read; "" where it has none."""
    return max((each for each in payload.values() if isinstance(each, str)), key=len, default="")
