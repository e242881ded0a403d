"""When does a condition flip next, and when did it last? The exact moment, for what `timing` has found to be a line.

Both sides of such a comparison are affine in the time t, so their difference is a + b·t; two readings give a and b, and
the crossing is -a/b. Waking a little too often does no harm: the condition is looked at again and the next moment
queued.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from engine.feel import Env, Program, Record, Suspend
from engine.inference.timing import STEPS

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_TICK = timedelta(microseconds=1)
_DAY_TICKS = _DAY // _TICK
_HORIZON = 4096
"""Days ahead within which a count of working days is followed; what lies farther is looked at when the rule next is."""
Exact: TypeAlias = int | Fraction


@dataclass(frozen=True, slots=True)
class Flips:
    """Computes the next moment at which a node must look again."""

    atoms: tuple[tuple[Program, str, int], ...] = ()
    daily: bool = False

    def next(self, subject: Record, env: Env) -> datetime | None:
        """Return the first moment after `env.now` at which the outcome can differ, None for never by time alone.

        What is unresolved at present may stand in a branch that is not taken; the others flip all the same.
        """
        best = midnight(env.today + _DAY, env.zone) if self.daily else None
        for program, clock, slack in self.atoms:
            try:
                moment = _CROSSINGS[clock](program, subject, env, slack)
            except Suspend:
                continue
            if moment is not None and (best is None or moment < best):
                best = moment
        return best

    def last(self, subject: Record, env: Env) -> datetime | None:
        """Return a moment since which time alone has changed nothing: the last flip, None when there was none.

        Where that is unknown it is the last midnight, since which a day has changed nothing, or the present.
        """
        today = midnight(env.today, env.zone)
        found = [today] if self.daily else []
        for program, clock, slack in self.atoms:
            unknown = env.now if clock == "now" else today
            uneven = slack or clock == STEPS
            moment = unknown if uneven else _crossed_last(program, clock, subject, env, unknown)
            if moment is not None:
                found.append(moment)
        return max(found, key=lambda moment: moment.astimezone(UTC), default=None)


def _crossed_last(program: Program, clock: str, subject: Record, env: Env, unknown: datetime) -> datetime | None:
    """Return when a comparison flipped last, a step late perhaps; None when it never did by time."""
    noon = datetime.combine(env.today + _DAY, time(12), tzinfo=env.zone)
    ahead = noon if clock == "today" else env.now.astimezone(UTC) + _DAY  # a day of 24 hours, whatever the clocks do
    try:
        line = _line(program, subject, env, lambda: ahead)
    except Suspend:
        return unknown
    if line is None or not line[1]:
        return None
    try:
        if clock == "today":
            past = next((each for each in (_crossed(*line) + 1, _crossed(*line)) if each <= 0), None)
            return None if past is None else midnight(env.today + timedelta(days=past), env.zone)
        ticks = _crossed(line[0] * _DAY_TICKS, line[1])
        past = next((each for each in (ticks + 1, ticks) if each <= 0), None)
        return None if past is None else env.now.astimezone(UTC) + timedelta(microseconds=past)
    except OverflowError:
        return None


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the first instant of a day in a zone."""
    return datetime.combine(day, time(), tzinfo=zone)


def _crossing_day(program: Program, subject: Record, env: Env, slack: int) -> datetime | None:
    line = _line(program, subject, env, lambda: datetime.combine(env.today + _DAY, time(12), tzinfo=env.zone))
    if line is None:
        return None
    days = _crossed(*line) if line[1] else 0
    if slack:
        ahead = None if days < -slack else max(1, days - slack)
    else:
        ahead = next((offset for offset in (days, days + 1) if offset >= 1), None) if line[1] else None
    try:
        return None if ahead is None else midnight(env.today + timedelta(days=ahead), env.zone)
    except OverflowError:
        return None


def _crossing_steps(program: Program, subject: Record, env: Env, _slack: int) -> datetime | None:
    """Find by doubling and halving the first day on which a difference that never turns back has another sign."""

    def sign(ahead: int) -> int | None:
        try:
            at = datetime.combine(env.today + timedelta(days=ahead), time(12), tzinfo=env.zone)
        except OverflowError:
            return None
        value = _reading(program, subject, Env(at, env.zone, env.limits, env.host))
        return None if value is None else (value > 0) - (value < 0)

    here, reach = sign(0), 1
    if here is None:
        return None
    while (there := sign(reach)) == here and reach < _HORIZON:
        reach *= 2
    if there in {here, None}:
        return None
    low, high = reach // 2, reach
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if sign(middle) == here else (low, middle)
    return midnight(env.today + timedelta(days=high), env.zone)


def _crossing(program: Program, subject: Record, env: Env, slack: int) -> datetime | None:
    now = env.now.astimezone(UTC)
    line = _line(program, subject, env, lambda: now + _DAY)
    if line is None:
        return None
    ticks = _crossed(line[0] * _DAY_TICKS, line[1]) if line[1] else None
    margin = slack * _DAY_TICKS
    if slack:
        if ticks is None or -margin <= ticks <= margin:
            return _crossing_near(program, subject, env)
        ahead = ticks - margin if ticks > 0 else None
    else:
        ahead = None if ticks is None else next((offset for offset in (ticks, ticks + 1) if offset >= 1), None)
    return _later(now, ahead)


def _crossing_near(program: Program, subject: Record, env: Env) -> datetime:
    """Where months make the line uneven it is straight between full hours: look again there, or where it crosses."""
    now = env.now.astimezone(UTC)
    hour = (env.now.replace(minute=0, second=0, microsecond=0) + _HOUR).astimezone(UTC)
    found = [hour if hour > now else now + _HOUR]
    line = _line(program, subject, env, lambda: now + _MINUTE)
    if line is not None and line[1]:
        ticks = _crossed(line[0] * (_MINUTE // _TICK), line[1])
        found += [moment for offset in (ticks, ticks + 1) if offset >= 1 and (moment := _later(now, offset))]
    return min(found)


def _later(now: datetime, ticks: int | None) -> datetime | None:
    try:
        return None if ticks is None else now + timedelta(microseconds=ticks)
    except OverflowError:
        return None


def _crossed(here: Exact, growth: Exact) -> int:
    """Return the steps after which `here` has grown to zero, cut to a whole number."""
    steps: int = abs(here) // abs(growth)  # type: ignore[operator]  # abs of either is of that kind
    return -steps if (here > 0) == (growth > 0) else steps


def _line(program: Program, subject: Record, env: Env, later: Callable[[], datetime]) -> tuple[Exact, Exact] | None:
    """Return the difference at present and its growth until a day later, None where there is none.

    Where months make the line uneven it may stand still: a month before each of the last days of March is the same day.
    """
    faults = len(env.faults)
    here = _reading(program, subject, env)
    del env.faults[faults:]
    there = None if here is None else _reading(program, subject, Env(later(), env.zone, env.limits, env.host))
    if here is None or there is None:
        return None
    return here, there - here


def _reading(program: Program, subject: Record, env: Env) -> Exact | None:
    value = program.run(subject, env)
    if isinstance(value, timedelta):
        return value // _TICK
    if not isinstance(value, Decimal):
        return None
    whole = int(value)
    return whole if whole == value else Fraction(value)


_CROSSINGS: Mapping[str, Callable[[Program, Record, Env, int], datetime | None]] = {
    "today": _crossing_day,
    "now": _crossing,
    STEPS: _crossing_steps,
}
