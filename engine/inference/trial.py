"""Subjects made up to show what a condition allows, tried in a session of their own."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice, product

import msgspec

from engine.events import ChangeEvent
from engine.feel import Money, Value, ast
from engine.inference.allowed import Allowed
from engine.inference.boxes import Box, Difference, Term
from engine.inference.clock import HeldClock
from engine.inference.kinds import Knowing
from engine.inference.nodes import Condition
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session

TODAY = ast.Call(ast.Name("today"), ())
_DAY = Decimal(timedelta(days=1) // timedelta(microseconds=1))
_CHOICES = 3
_SUBJECTS = 16
_TRIES = 5_000
"""Subjects that are tried for one rulebook; beyond, nothing is said."""


class Trial:
    """A session that is told of made-up subjects, one after the other."""

    def __init__(self, rulebook: Rulebook, at: datetime) -> None:
        self._rulebook = rulebook
        self._session = Session(rulebook, HeldClock(at), complete=True)
        self._left = _TRIES

    def meets(self, type: str, box: Box, conditions: Iterable[Condition]) -> Mapping[str, Value] | None:
        """Return fields of a subject inside a box of which all conditions are true; None when none was found."""
        today = self._session.settler.env.today
        for fields in islice(made_up(Knowing(self._rulebook, type), box, today), _SUBJECTS):
            if self._left and self._all_true(type, fields, conditions):
                return {name: value for name, value in fields.items() if value is not None}
        return None

    def _all_true(self, type: str, fields: Mapping[str, Value], conditions: Iterable[Condition]) -> bool:
        self._left -= 1
        event = ChangeEvent(entity=type, id="example", record=f"example/{type}", fields=fields)
        self._session.apply(event)
        entity = self._session.state.entity(type, "example")
        met = entity is not None and all(entity.truths.get(each.index) is True for each in conditions)
        self._session.apply(msgspec.structs.replace(event, fields={}, deleted=True))
        return met


def made_up(knowing: Knowing, box: Box, today: date) -> Iterable[Mapping[str, Value]]:
    """Yield fields of subjects inside a box, as far as these are given."""
    names = [term.name for term in box if isinstance(term, ast.Name) and knowing.given(term.name)]
    choices = [_choices(knowing, name, box[ast.Name(name)]) for name in names]
    for chosen in product(*choices):
        fields = dict(zip(names, chosen, strict=True))
        for term, allowed in box.items():
            _apart(fields, term, allowed, today, knowing)
        yield {name: _as_declared(knowing, name, value, fields) for name, value in fields.items()}


def _choices(knowing: Knowing, name: str, allowed: Allowed) -> list[Value]:
    field = knowing.given(name)
    declared = [("text", value) for value in (field.values if field else ())]
    if declared:
        return [value for kind, value in declared if allowed.holds((kind, value))][:_CHOICES] or [None]
    return list(islice(allowed.examples(), _CHOICES)) or [None]


def _apart(fields: dict[str, Value], term: Term, allowed: Allowed, today: date, knowing: Knowing) -> None:
    """Give one side of a comparison a value that is far enough from the other side."""
    if not isinstance(term, Difference):
        return
    match term.left, term.right:
        case left, ast.Name(name) if left == TODAY and knowing.given(name):
            distance = _distance(allowed, _DAY)
            fields.setdefault(name, None if distance is None else today - timedelta(microseconds=int(distance)))
        case ast.Name(name), right if right == TODAY and knowing.given(name):
            distance = _distance(allowed, _DAY)
            fields.setdefault(name, None if distance is None else today + timedelta(microseconds=int(distance)))
        case ast.Name(first), ast.Name(second) if knowing.kind(term.left) == "number":
            distance, base = _distance(allowed, Decimal(1)), fields.get(second) or Decimal(0)
            if distance is not None and knowing.given(first) and knowing.given(second) and isinstance(base, Decimal):
                fields |= {second: base, first: fields.get(first) or base + distance}


def _distance(allowed: Allowed, step: Decimal) -> Decimal | None:
    """Return a whole number of steps that is allowed, as small as the ends let it be."""
    ends = [end[0][1] // step * step for end in (allowed.low, allowed.high) if end is not None]
    ends += [value for _, value in allowed.only or ()]
    candidates = (end + shift for end in (*ends, Decimal(0)) for shift in (0, step, -step))
    return next((each for each in candidates if allowed.holds(("number", each))), None)


def _as_declared(knowing: Knowing, name: str, value: Value, fields: Mapping[str, Value]) -> Value:
    """Return an amount as money where the field holds money."""
    field = knowing.given(name)
    if field is None or field.type != "money" or not isinstance(value, Decimal):
        return value
    currency = field.currency or fields.get(field.currency_field or "")
    return Money(value, currency) if isinstance(currency, str) else value
