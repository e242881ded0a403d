"""What would make a part of a condition true: the nearest value that passes, and the moment time alone brings it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import TypeAlias

from engine.feel import Env, Value, ast, unparse
from engine.feel.errors import LimitExceeded
from engine.inference.nodes import Compiled, Concluded, Slot
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.inference.state import Entity, Unresolved
from engine.inference.words import say

Values: TypeAlias = Callable[[ast.Node], Value]
"""Evaluates a part of a condition on its subject."""

_LOOKS = 40
"""How many moments ahead are looked at."""

_NUMBERS: Mapping[str, str] = {
    "<": "less than ", "<=": "at most ", ">": "more than ", ">=": "at least ", "=": "", "!=": "anything but ",
}  # fmt: skip
_DAYS: Mapping[str, str] = {**_NUMBERS, "<": "before ", "<=": "by ", ">": "after ", ">=": "from "}
_MIRRORED: Mapping[str, ast.ComparisonOperator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NEGATED: Mapping[str, ast.ComparisonOperator] = {
    "<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "=",
}  # fmt: skip


def needs(node: ast.Node, value: Values) -> str:
    """Say what would make a part pass that does not, "" where that is not known."""
    match node:
        case ast.Compare(operator, left, right):
            if _literal(left):
                operator, left, right = _MIRRORED.get(operator, operator), right, left
            return _named(left, _wanted(operator, right, value), value)
        case ast.Between(tested, low, high):
            return needs(_nearer(tested, low, high, value), value)
        case ast.In(tested, tests):
            return _named(tested, _in(tested, tests, value), value)
        case ast.Or(operands):
            return " or ".join(filter(None, (needs(each, value) for each in operands)))
        case ast.And(operands):
            return " and ".join(filter(None, (needs(each, value) for each in operands if value(each) is not True)))
        case ast.Call(ast.Name("not"), (ast.Compare(operator, left, right),)):
            return needs(ast.Compare(_NEGATED[operator], left, right), value)
        case ast.Call(ast.Name("not"), (ast.Name() | ast.Path(),)):
            return "no"
        case ast.Name() | ast.Path():
            return "yes"
    return ""


def _wanted(operator: ast.ComparisonOperator, right: ast.Node, value: Values) -> str:
    if isinstance(right, ast.Null):
        return "nothing at all" if operator == "=" else "any value"
    limit = value(right)
    if limit is None:
        return ""
    words = _DAYS if isinstance(limit, date) else _NUMBERS
    said = _said(limit)
    return f"{words[operator]}{said}" + ("" if _literal(right) else f" ({unparse(right)})")


def _nearer(tested: ast.Node, low: ast.Node, high: ast.Node, value: Values) -> ast.Node:
    """Return the end of a range that is violated."""
    below = ast.Compare(">=", tested, low)
    return below if value(below) is not True else ast.Compare("<=", tested, high)


def _in(tested: ast.Node, tests: tuple[ast.Node, ...], value: Values) -> str:
    listed = [item for test in tests for item in (test.items if isinstance(test, ast.ListLiteral) else (test,))]
    if not all(map(_literal, listed)):
        return " or ".join(filter(None, (_test(tested, test, value) for test in tests)))
    values = [value(each) for each in listed]
    said = ", ".join(map(_said, values))
    seen, close = value(tested), None
    if isinstance(seen, str):
        by_fold = {each.casefold(): each for each in values if isinstance(each, str)}
        close = next((by_fold[each] for each in get_close_matches(seen.casefold(), by_fold, 1)), None)
    return f"one of {said}" + (f", the nearest {_said(close)}" if close is not None else "")


def _test(tested: ast.Node, test: ast.Node, value: Values) -> str:
    match test:
        case ast.Test(operator, operand):
            return _wanted(operator, operand, value)
        case ast.Range(low, high, low_included, high_included):
            lower = ast.Compare(">=" if low_included else ">", tested, low)
            upper = ast.Compare("<=" if high_included else "<", tested, high)
            missed = upper if value(lower) is True else lower
            return _wanted(missed.operator, missed.right, value)
    return _wanted("=", test, value) if _literal(test) else ""


def _named(tested: ast.Node, wanted: str, value: Values) -> str:
    """Name what must change, unless it is the field that the part is about anyway."""
    if not wanted or isinstance(tested, ast.Name | ast.Path):
        return wanted
    return f"{unparse(tested)} {wanted}, it is {_said(value(tested))}"


def _said(value: Value) -> str:
    return f'"{value}"' if isinstance(value, str) else say(value)


def _literal(node: ast.Node) -> bool:
    match node:
        case ast.Number() | ast.Text() | ast.Boolean() | ast.Null() | ast.At() | ast.Negate(ast.Number()):
            return True
        case ast.Call(ast.Name("date"), (ast.Text(),)):
            return True
    return False


# --- when time alone brings it ------------------------------------------------------------------------------------


def holds_from(session: Session, compiled: Compiled, entity: Entity) -> date | datetime | None:
    """Return when a part becomes true if nothing but the time changes: a day, or an instant; None when unknown."""
    if any(_moves(session.rulebook, slot, set()) for slot in _slots(session.rulebook, entity.type, compiled)):
        return None
    env = session.settler.env
    for _ in range(_LOOKS):
        try:
            moment = compiled.flips.next(entity, env)
            if moment is None:
                return None
            env = Env(moment, env.zone, host=env.host)
            if compiled.program.run(entity, env) is True and not env.faults:
                return env.today if compiled.program.time == "today" else env.now
        except (Unresolved, LimitExceeded):
            return None
    return None


def _slots(rulebook: Rulebook, type: str, compiled: Compiled) -> Iterator[Slot]:
    """Yield the fields that an expression reads, near and far."""
    for path in compiled.program.reads:
        at: str | None = type
        for name in path:
            if at is None:
                break
            yield at, name
            field = rulebook.model.entities[at].fields.get(name)
            slot = rulebook.collections.get(at, {}).get(name)
            at = field.ref if field is not None and field.ref else slot[0] if slot is not None else None


def _moves(rulebook: Rulebook, slot: Slot, seen: set[Slot]) -> bool:
    """Whether a stored field may itself change with time, so that what reads it cannot be foretold."""
    if slot in seen:
        return False
    seen.add(slot)
    for writer in rulebook.network.writers.get(slot, ()):
        if isinstance(writer, Concluded) or writer.index in rulebook.routes.timed:
            return True
        if any(_moves(rulebook, read.slot, seen) for read in rulebook.network.reads[writer.index]):
            return True
    return False
