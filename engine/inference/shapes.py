"""What records give: which fields in which order, as which values, and who speaks for an entity of several."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from engine.feel import Money, Value, to_value
from engine.inference.state import Entity
from engine.model.structs import Field

_EXACT: Final = frozenset({str, bool, type(None), date, Money})
"""Types whose values are FEEL values as they are."""
_ZONES: Final = frozenset({ZoneInfo, timezone})


class Shape:
    """The fields that a kind of record gives, in order, each with its declaration where it is a reference."""

    __slots__ = ("names", "references")

    def __init__(self, names: tuple[str, ...], references: Mapping[str, Field]) -> None:
        self.names = names
        self.references = tuple(references.get(name) for name in names)


class Shapes:
    """The shapes that the records of one entity type have, by the fields that they give."""

    __slots__ = ("_declared", "_known", "references")

    def __init__(self, declared: Mapping[str, Field]) -> None:
        self._declared = declared
        self._known: dict[tuple[str, ...], Shape] = {}
        self.references = {name: field for name, field in declared.items() if field.ref}

    def of(self, given: tuple[str, ...]) -> Shape:
        """Return the fields among those given that the model has, the same object for all such records."""
        shape = self._known.get(given)
        if shape is None:
            names = tuple(sorted(name for name in given if name in self._declared))
            shape = self._known.get(names)
            if shape is None:
                shape = self._known[names] = Shape(names, self.references)
            self._known[given] = shape
        return shape


def value_of(value: object) -> Value:
    """Return a FEEL value; most are one already."""
    kind = type(value)
    if (
        kind is str
        or kind in _EXACT
        or (kind is Decimal and value.is_finite())  # type: ignore[attr-defined]  # a Decimal
        or (kind is datetime and type(value.tzinfo) in _ZONES)  # type: ignore[attr-defined]  # a datetime
    ):
        return value
    return to_value(value)


class First:
    """The first value that a record gives, records in the order of their sources."""

    def __init__(self, entity: Entity, precedence: Callable[[str], tuple[int, str]]) -> None:
        self._parts = sorted(entity.parts, key=lambda part: precedence(part.record))

    def get(self, name: str) -> Value:
        """Return it, None when none does."""
        return next((value for part in self._parts if (value := part.get(name)) is not None), None)
