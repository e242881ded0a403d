"""When can a condition flip? For comparisons that shift linearly with the clock the exact moment is computed.

Both sides of such a comparison are affine in the time t, so their difference is a + b·t; two readings give a and b, and
the crossing is -a/b. Waking a little too often does no harm: the condition is looked at again and the next moment
queued. What cannot be analysed is looked at when the day changes; a bare `now()` there is refused.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction

from engine.feel import Env, Program, Record, ast
from engine.inference.aggregates import reads_time
from engine.model.calendar import ADD, BETWEEN

_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_DAY_TICKS = _DAY // _TICK
_SHIFTS = {"+", "-"}
_HORIZON = 4096
"""Days ahead within which a count of working days is followed; what lies farther is looked at when the rule next is."""
STEPS = "steps"


MONTH_SLACK = 4
"""Days by which shifting a date by months can differ from a straight line."""


@dataclass(frozen=True, slots=True)
class Atom:
    """The difference of the two sides of a comparison, and whether it moves with the day, by steps or with the instant.

    `slack` days before the computed crossing the condition is looked at again, where months make the line uneven.
    """

    difference: ast.Node
    clock: str
    slack: int = 0


@dataclass(frozen=True, slots=True)
class Analysis:
    """What makes an expression change with time: atoms, `daily` for what must be looked at every midnight."""

    atoms: tuple[Atom, ...] = ()
    daily: bool = False
    refused: ast.Node | None = None


def analyse(node: ast.Node, months: Callable[[ast.Node], bool]) -> Analysis:
    """Find the comparisons that can flip with time; `months` tells a years and months duration."""
    atoms: dict[Atom, None] = {}
    daily, refused = False, None
    for found in _atoms(node):
        if isinstance(found, Atom):
            uneven = any(months(part) for part in ast.walk(found.difference))
            atoms[Atom(found.difference, found.clock, MONTH_SLACK if uneven else 0)] = None
        elif _clocks(found) == {"today"}:
            daily = True
        else:
            refused = refused or found
    return Analysis(tuple(atoms), daily, refused)


def _atoms(node: ast.Node) -> Iterator[Atom | ast.Node]:
    if not reads_time(node):
        return
    match node:
        case ast.Compare(operator, left, right):
            yield from _comparison(node, operator, left, right)
        case ast.Between(value, low, high):
            yield from _comparison(node, ">=", value, low)
            yield from _comparison(node, "<=", value, high)
        case ast.In(value, tests):
            yield from _in(node, value, tests)
        case ast.And(parts) | ast.Or(parts):
            for part in parts:
                yield from _atoms(part)
        case ast.If(condition, yes, no):
            for part in (condition, yes, no):
                yield from _atoms(part)
        case ast.Call(ast.Name("not"), (argument,)):
            yield from _atoms(argument)
        case _:
            yield node


def _in(node: ast.Node, value: ast.Node, tests: tuple[ast.Node, ...]) -> Iterator[Atom | ast.Node]:
    for test in tests:
        match test:
            case ast.Range(low, high):
                yield from _comparison(node, ">=", value, low)
                yield from _comparison(node, "<=", value, high)
            case ast.Test(operator, operand):
                yield from _comparison(node, operator, value, operand)
            case _:
                yield node


def _comparison(
    whole: ast.Node, operator: ast.ComparisonOperator, left: ast.Node, right: ast.Node
) -> Iterator[Atom | ast.Node]:
    for side, other in ((left, right), (right, left)):
        if isinstance(side, ast.If) and reads_time(side):
            yield from _atoms(side.condition)
            for branch in (side.yes, side.no):
                pair = (branch, other) if side is left else (other, branch)
                yield from _comparison(ast.Compare(operator, *pair), operator, *pair)
            return
    if not (reads_time(left) or reads_time(right)):
        return
    clocks = _clocks(left) | _clocks(right)
    if (_stepwise(left) and not reads_time(right)) or (_stepwise(right) and not reads_time(left)):
        yield Atom(ast.Arithmetic("-", left, right), STEPS)
    elif _affine(left) and _affine(right) and len(clocks) == 1:
        yield Atom(ast.Arithmetic("-", left, right), clocks.pop())
    else:
        yield whole


def _clocks(node: ast.Node) -> set[str]:
    return {
        part.function.name
        for part in ast.walk(node)
        if isinstance(part, ast.Call) and isinstance(part.function, ast.Name) and part.function.name in {"now", "today"}
    }


def _stepwise(node: ast.Node) -> bool:
    """Whether a side only grows, or only falls, from day to day: a count of working days up to or from today."""
    match node:
        case ast.Call(ast.Name(name), (first, second)) if name in {BETWEEN, ADD}:
            moving = [part for part in (first, second) if reads_time(part)]
            return len(moving) == 1 and _affine(moving[0]) and _clocks(moving[0]) == {"today"}
    return False


def _affine(node: ast.Node) -> bool:
    """Whether a side is the clock shifted or scaled by what does not move."""
    if not reads_time(node):
        return True
    match node:
        case ast.Call(ast.Name("now" | "today"), ()):
            return True
        case ast.Arithmetic(operator, left, right) if operator in _SHIFTS:
            return _affine(left) and _affine(right)
        case ast.Arithmetic("*", left, right):
            return (_affine(left) and not reads_time(right)) or (_affine(right) and not reads_time(left))
        case ast.Arithmetic("/", left, right):
            return _affine(left) and not reads_time(right)
        case ast.Negate(operand):
            return _affine(operand)
        case ast.Path(ast.Arithmetic("-", _, _) as source, "days"):
            return _affine(source) and _clocks(source) == {"today"}
        case ast.Call(ast.Name("abs"), _):
            return False
    return False


@dataclass(frozen=True, slots=True)
class Flips:
    """Computes the next moment at which a node must look again."""

    atoms: tuple[tuple[Program, str, int], ...] = ()
    daily: bool = False

    def next(self, subject: Record, env: Env) -> datetime | None:
        """Return the first moment after `env.now` at which the outcome can differ, None for never by time alone."""
        best = midnight(env.today + _DAY, env.zone) if self.daily else None
        for program, clock, slack in self.atoms:
            moment = _CROSSINGS[clock](program, subject, env, slack)
            if moment is not None and (best is None or moment < best):
                best = moment
        return best


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the first instant of a day in a zone."""
    return datetime.combine(day, time(), tzinfo=zone)


def _crossing_day(program: Program, subject: Record, env: Env, slack: int) -> datetime | None:
    tomorrow = Env(datetime.combine(env.today + _DAY, time(12), tzinfo=env.zone), env.zone, env.limits)
    line = _line(program, subject, env, tomorrow)
    if line is None:
        return None
    days = int(-line[0] / line[1])
    if days < -slack:
        return None
    ahead = next((offset for offset in (days - slack, days, days + 1) if offset >= 1), 1 if slack else None)
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
        value = _reading(program, subject, Env(at, env.zone, env.limits))
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
    line = _line(program, subject, env, Env(now + _DAY, env.zone, env.limits))
    if line is None:
        return None
    ticks = int(-line[0] * _DAY_TICKS / line[1])
    margin = slack * _DAY_TICKS
    if ticks < -margin:
        return None
    offsets = (ticks - margin, ticks, ticks + 1)
    ahead = next((offset for offset in offsets if offset >= 1), _DAY_TICKS if slack else None)
    try:
        return None if ahead is None else now + timedelta(microseconds=ahead)
    except OverflowError:
        return None


def _line(program: Program, subject: Record, env: Env, later: Env) -> tuple[Fraction, Fraction] | None:
    """Return the difference at present and its growth until a day later, None where it does not move."""
    faults = len(env.faults)
    here = _reading(program, subject, env)
    del env.faults[faults:]
    there = None if here is None else _reading(program, subject, later)
    if here is None or there is None or here == there:
        return None
    return here, there - here


def _reading(program: Program, subject: Record, env: Env) -> Fraction | None:
    value = program.run(subject, env)
    if isinstance(value, timedelta):
        return Fraction(value // _TICK)
    return Fraction(value) if isinstance(value, Decimal) else None


_CROSSINGS: Mapping[str, Callable[[Program, Record, Env, int], datetime | None]] = {
    "today": _crossing_day,
    "now": _crossing,
    STEPS: _crossing_steps,
}
