"""Evidence as the journal tells it, entry by entry: every action's verdicts, audits and outcomes."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec

from approvals.autonomy.standing import draw
from engine.ports import Reader, Stored
from evals.autonomy.samples import UNREAD, Life, Sample, Word, sample
from evals.statistics.misses import Misses

KINDS: Final = ("decision", "action", "verdict", "outcome", "autonomy", "denied", "bundle")
CRITICAL: Final = "critical"
"""A rejection whose reason begins with this word tells of a mistake that must never happen."""
_PAGE: Final = 5000
_RELEASED: Final = frozenset({"approved", "scheduled"})

Body = Mapping[str, Any]


class Canary(NamedTuple):
    """A planted mistake that somebody decided on."""

    seq: int
    by: str
    caught: bool


class Evidence:
    """Follows the journal; what it holds is a function of the entries read so far."""

    def __init__(self) -> None:
        self.seq = 0
        self.began: datetime | None = None
        self.lives: dict[str, Life] = {}
        self._by_unit: dict[str, list[Life]] = {}
        self._judged: dict[str, dict[str, Life]] = {}
        self._words: dict[str, datetime] = {}
        self._canaries: dict[str, list[Canary]] = {}
        self._takers: Mapping[str, Callable[[Stored, Body], None]] = {
            "decision": self._decision, "action": self._action, "verdict": self._verdict, "outcome": self._outcome,
            "autonomy": self._autonomy, "denied": self._denied,
        }  # fmt: skip

    async def follow(self, reader: Reader) -> None:
        """Take in what the journal holds since the last time."""
        more = True
        while more:
            page = await reader.entries(self.seq, kinds=KINDS, limit=_PAGE)
            for stored in page:
                self.take(stored)
            more = len(page) == _PAGE

    def take(self, stored: Stored) -> None:
        """Take in one entry, once; an erased one tells nothing any more."""
        if stored.seq <= self.seq:
            return
        self.seq = stored.seq
        self.began = self.began or stored.recorded_at
        taker = self._takers.get(stored.kind)
        if taker is not None and stored.body is not None:
            taker(stored, stored.body)

    def of(self, unit: str) -> list[Life]:
        """Return the actions of `ruleset/rule/action`, oldest first."""
        return self._by_unit.get(unit, [])

    def judged(self, unit: str) -> Collection[Life]:
        """Return those of which a person, an outcome or an alarm said anything; of thousands most still wait."""
        return self._judged.get(unit, {}).values()

    def samples(self, unit: str, *, since: int = 0, hasty: timedelta, waits: bool) -> tuple[Sample, ...]:
        """Return the labels of what was proposed from a journal entry on, in the order in which they were given."""
        found = (sample(life, hasty=hasty, waits=waits) for life in self.judged(unit) if life.proposed >= since)
        return tuple(sorted((each for each in found if each is not None), key=lambda each: each.seq))

    def canaries(self, unit: str) -> Sequence[Canary]:
        """Return what became of the mistakes planted among an action's decisions."""
        return self._canaries.get(unit, ())

    def misses(self, unit: str, since: int) -> Misses:
        """Return which mistakes reviewers saw: planted ones, and those that a second person found."""
        planted = [each.caught for each in self.canaries(unit) if each.seq >= since]
        found = [
            not life.word.right or life.edited
            for life in self.judged(unit)
            if life.proposed >= since and life.second and not life.second.right and life.word
        ]
        seen = [*planted, *found]
        return Misses(shown=len(seen), missed=seen.count(False))

    def twice(self, unit: str, share: float, since: int) -> Iterator[Life]:
        """Yield what people decided one by one and a second person should look at; only the action's id draws it."""
        for life in sorted(self.judged(unit), key=lambda each: each.proposed):
            word, fresh = life.word, life.proposed >= since and not life.alone and not life.second
            if word and fresh and word.channel not in UNREAD and draw("second", life.action) < share:
                yield life

    # --- one entry --------------------------------------------------------------------------------------------

    def _decision(self, stored: Stored, body: Body) -> None:
        if body["kind"] != "propose":
            return
        unit = f"{body['ruleset']}/{body['rule']}/{body['action']}"
        life = Life(
            action=body["proposal"], unit=unit, subject=stored.subjects[0], proposed=stored.seq,
            revision=stored.revision,
        )  # fmt: skip
        if life.action not in self.lives:
            self.lives[life.action] = life
            self._by_unit.setdefault(unit, []).append(life)

    def _action(self, stored: Stored, body: Body) -> None:
        life = self.lives.get(body["action"])
        if life is None:
            return
        state = body["state"]
        if state == "pending" and life.state != "pending":
            life.pending_at, life.word, life.alone, life.audited = stored.recorded_at, None, False, False
        if state in _RELEASED and body.get("alone"):
            life.alone, life.audited, life.released = True, bool(body.get("audited")), stored.seq
        if state == "sent":
            life.sent_at = stored.recorded_at
        life.state = state

    def _verdict(self, stored: Stored, body: Body) -> None:
        life = self._judge(body["action"]) if "verdict" in body else None
        if life is None:
            return
        by, said = str(body["by"]), body["verdict"]
        gap = self._gap(life, by, stored.recorded_at)
        self._words[by] = stored.recorded_at
        if said == "edit":
            life.edited = True
        decisive = said == "reject" or (said == "approve" and body.get("state") in _RELEASED)
        if decisive:
            reason = str(body.get("reason", ""))
            life.word = Word(
                right=said == "approve", by=by, at=stored.recorded_at, seq=stored.seq,
                channel=str(body.get("channel", "")), gap=gap, reason=reason,
                critical=said == "reject" and reason.strip().casefold().startswith(CRITICAL),
            )  # fmt: skip

    def _gap(self, life: Life, by: str, at: datetime) -> timedelta:
        seen = [each for each in (life.pending_at, self._words.get(by)) if each is not None]
        return at - max(seen) if seen else timedelta.max

    def _outcome(self, stored: Stored, body: Body) -> None:
        life = self._judge(body["action"])
        if life is None:
            return
        life.critical = life.critical or bool(body.get("critical"))
        if life.outcome != "bad":
            life.outcome, life.outcome_seq, life.outcome_at = body["result"], stored.seq, stored.recorded_at

    def _autonomy(self, stored: Stored, body: Body) -> None:
        if body["does"] == "canary":
            found = f"{body['ruleset']}/{body['rule']}/{body['action']}"
            self._canaries.setdefault(found, []).append(Canary(stored.seq, stored.actor, bool(body["caught"])))
        life = self._judge(str(body.get("sample", ""))) if body["does"] in ("audited", "second") else None
        if life is None:
            return
        word = Word(
            right=bool(body["correct"]), by=stored.actor, at=stored.recorded_at, seq=stored.seq, channel=body["does"],
            reason=str(body.get("reason", "")), critical=bool(body.get("critical")),
        )  # fmt: skip
        if body["does"] == "second":
            life.second = word
        else:
            life.audit = word

    def _denied(self, _stored: Stored, body: Body) -> None:
        life = self._judge(str(body.get("action", ""))) if "alarm" in body else None
        if life is not None:
            life.critical = True

    def _judge(self, action: str) -> Life | None:
        """Return an action of which something is said."""
        life = self.lives.get(action)
        if life is not None:
            self._judged.setdefault(life.unit, {})[action] = life
        return life


def counted(samples: tuple[Sample, ...]) -> tuple[Sample, ...]:
    """Return the samples that count."""
    return tuple(each for each in samples if each.counts)


def criticals(lives: Iterable[Life], samples: tuple[Sample, ...], since: int) -> tuple[str, ...]:
    """Return the actions with a critical error since a journal entry, whether their verdict counts or not."""
    said = {each.action for each in samples if each.critical}
    return tuple(sorted(said | {each.action for each in lives if each.critical and each.proposed >= since}))


class Split(msgspec.Struct, frozen=True):
    """How many labels count, and how many do not, by reason."""

    counted: int
    left_out: Mapping[str, int]


def split(samples: tuple[Sample, ...]) -> Split:
    """Count the labels by whether they count."""
    reasons: dict[str, int] = {}
    for each in samples:
        if not each.counts:
            reasons[each.why] = reasons.get(each.why, 0) + 1
    return Split(sum(each.counts for each in samples), reasons)
