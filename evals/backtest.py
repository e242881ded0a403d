"""What rules would have decided in the past, with nothing known before its moment; and whether that was kept."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, tzinfo

import msgspec

from engine.events import ChangeEvent, Decision
from engine.identity import evidence_of, identify, tell
from engine.inference.rulebook import Rulebook
from engine.journal import entry_of, input_of
from engine.mapping import compile_mapping
from engine.ports import Stored
from engine.rules import Home
from engine.source.counted import counted
from engine.source.problem import Place, Problem
from evals.diff.evaluable import missing
from evals.diff.runs import Player
from evals.diff.slicing import Slices
from evals.history import Moment
from evals.report import Faulty, aligned

Inside = Callable[[datetime], bool]


class Leak(msgspec.Struct, frozen=True, kw_only=True):
    """A field, or a record, that told of the future: how often, and the first time with what it said."""

    field: str
    count: int
    record: str
    told: datetime
    says: str


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions of one action in one month."""

    action: str
    month: str
    proposed: int = 0
    withdrawn: int = 0


class Backtest(msgspec.Struct, frozen=True, kw_only=True):
    """The whole; `unevaluable` names rules that read what was not kept, with the day before which that is so."""

    revision: str
    inputs: int
    first: datetime | None
    last: datetime | None
    counts: tuple[Count, ...]
    leaks: tuple[Leak, ...]
    unevaluable: tuple[tuple[str, str], ...] = ()
    faults: tuple[Faulty, ...] = ()

    def text(self) -> str:
        """Return the backtest for a terminal."""
        rows = [(each.month, each.action, str(each.proposed), str(each.withdrawn)) for each in self.counts]
        lines = list(aligned([("month", "action", "proposed", "withdrawn"), *rows]))
        lines += [f"{each.place}: {each.message}" for each in self.faults]
        lines += [f"{rule} is not evaluable before {before}" for rule, before in self.unevaluable]
        lines += [str(each) for each in map(problem, self.leaks)]
        period = f" from {self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}" if self.first and self.last else ""
        return "\n".join([*lines, f"{self.inputs:,} inputs{period} under {self.revision[:12]}."])


def problem(leak: Leak) -> Problem:
    """Return a leak as a fault that says what to do."""
    message = (
        f"{leak.field} tells of the future {counted(leak.count, 'time')}, first of {leak.says} on {leak.told:%Y-%m-%d}"
    )
    hint = (
        f"say under `appears` of the stream when it becomes known, or, if it is known ahead like a due date, write "
        f"`ahead: [{leak.field}]` into evals/replay.yaml"
    )
    return Problem("leak", message, Place(leak.record), hint)


def over_journal(
    home: Home, inputs: Sequence[Stored], coverage: Sequence[Stored] = (), *, inside: Inside, ahead: frozenset[str]
) -> Backtest:
    """Run a home over the journal's inputs in their order; each is seen when it was recorded, and not before."""
    play = _Backtest(home, inside, ahead)
    for stored in inputs:
        play.take(stored)
    return play.result(coverage)


def over_files(home: Home, moments: Sequence[Moment], *, inside: Inside, ahead: frozenset[str]) -> Backtest:
    """Run a home over what files told and when."""
    play = _Backtest(home, inside, ahead, complete=True)
    mappers = {
        name: compile_mapping(
            each, home.model, home.sources.sources.get(name), zone=play.zone, currency=home.app.currency,
            functions=home.functions,
        )
        for name, each in home.mappings.items()
    }  # fmt: skip
    faults: list[Faulty] = []
    evidence = evidence_of(home.model)
    for at, record in moments:
        play.pass_time(at)
        mapped = tell(play.player.session.state, mappers[record.source], record)
        if isinstance(mapped, Problem):
            faults.append(Faulty(place=str(mapped.place or record.address), message=mapped.message, hint=mapped.hint))
            continue
        for each in mapped:
            event = identify(play.player.session.state, each, evidence)
            play.take(_stored(event, at, play.seq + 1))
    return msgspec.structs.replace(play.result(()), faults=tuple(faults))


class _Backtest:
    """One backtest under way."""

    def __init__(self, home: Home, inside: Inside, ahead: frozenset[str], *, complete: bool = False) -> None:
        self.home = home
        self.rulebook = Rulebook.of(home)
        self.player = Player(self.rulebook, proven=False, complete=complete)
        self.zone: tzinfo = self.rulebook.settings.zone
        self.seq = 0
        self._inside = inside
        self._ahead = ahead
        self._made: Counter[tuple[str, str, str]] = Counter()
        self._leaks: dict[str, Leak] = {}
        self._inputs = 0
        self._first: datetime | None = None
        self._last: datetime | None = None

    def take(self, stored: Stored) -> None:
        self.seq = stored.seq
        if self._inside(stored.recorded_at):
            self._inputs += 1
            self._first, self._last = self._first or stored.recorded_at, stored.recorded_at
        for field, record, says in self._future(stored):
            known = self._leaks.get(field)
            self._leaks[field] = (
                msgspec.structs.replace(known, count=known.count + 1)
                if known
                else Leak(field=field, count=1, record=record, told=stored.recorded_at, says=says)
            )
        self._count(self.player.take(stored))

    def pass_time(self, to: datetime) -> None:
        """Let every due moment up to `to` have its consequences first."""
        session, clock = self.player.session, self.player.clock
        while (due := session.next_moment()) is not None and due < to:
            clock.set(max(session.now, due))
            self._count(session.advance(clock.now()))

    def _count(self, decisions: Sequence[Decision]) -> None:
        for each in decisions:
            if self._inside(each.at):
                month = f"{each.at.astimezone(self.zone):%Y-%m}"
                action = f"{each.key.ruleset}/{each.key.rule}/{each.key.action}"
                self._made[month, action, "propose" if each.kind == "propose" else "withdraw"] += 1

    def _future(self, stored: Stored) -> Iterator[tuple[str, str, str]]:
        """Yield what an input tells that could not be known at its moment."""
        event, _ = input_of(stored)
        if not isinstance(event, ChangeEvent):
            return
        if stored.valid_at is not None and stored.valid_at > stored.recorded_at:
            yield "(record)", event.record, f"{stored.valid_at:%Y-%m-%d %H:%M}"
        today = stored.recorded_at.astimezone(self.zone).date()
        for name, value in event.fields.items():
            field = f"{event.entity}.{name}"
            if field in self._ahead:
                continue
            if isinstance(value, datetime):
                later = value.tzinfo is not None and value.astimezone(UTC) > stored.recorded_at
            else:
                later = isinstance(value, date) and value > today
            if later:
                yield field, event.record, str(value)

    def result(self, coverage: Sequence[Stored]) -> Backtest:
        pairs = sorted({(month, action) for month, action, _ in self._made})
        slices = Slices(self.home, self.rulebook)
        gaps = missing(slices, slices.rules, coverage)
        return Backtest(
            revision=self.home.revision, inputs=self._inputs, first=self._first, last=self._last,
            counts=tuple(
                Count(action=action, month=month, proposed=self._made[month, action, "propose"],
                      withdrawn=self._made[month, action, "withdraw"])
                for month, action in pairs
            ),
            leaks=tuple(self._leaks[each] for each in sorted(self._leaks)),
            unevaluable=tuple(
                (rule, f"{gap.before:%Y-%m-%d}" if gap.before else "the end") for rule, gap in sorted(gaps.items())
            ),
        )  # fmt: skip


def _stored(event: ChangeEvent, at: datetime, seq: int) -> Stored:
    entry = entry_of(event, at)
    return Stored(
        seq=seq, kind=entry.kind, recorded_at=at, valid_at=entry.valid_at, actor=entry.actor, subjects=entry.subjects,
        revision="", body=entry.body,
    )  # fmt: skip
