"""What the model promises of an expression's value: its kind, and whether it can be relied on to be there."""

from collections.abc import Mapping

from engine.feel import ast
from engine.feel.types import BOOLEAN, DATE, DAYS_TIME, NUMBER, STRING, MoneyType, Type
from engine.inference.rulebook import Rulebook
from engine.inference.scope import frame_of, static_type
from engine.model.structs import Field
from engine.model.types import context_types

_KINDS: Mapping[Type, str] = {
    NUMBER: "number", STRING: "text", BOOLEAN: "boolean", DATE: "date", DAYS_TIME: "duration",
}  # fmt: skip
_SURE = frozenset({"text", "number", "boolean", "date"})


def kind_of(type: Type | None) -> str | None:
    """Return the kind of values of a type; money counts as its amount."""
    return "number" if isinstance(type, MoneyType) else None if type is None else _KINDS.get(type)


class Knowing:
    """Knows the fields of one entity type."""

    def __init__(self, rulebook: Rulebook, type: str) -> None:
        self._frames = frame_of(context_types(rulebook.model)[type])
        self._fields = rulebook.model.entities[type].fields

    def kind(self, node: ast.Node) -> str | None:
        """Return the kind of values that an expression has besides null, None when it may have several."""
        if node == ast.Call(ast.Name("today"), ()):
            return "date"
        return kind_of(static_type(node, self._frames))

    def given(self, name: str) -> Field | None:
        """Return a field that only sources fill; None for any other."""
        field = self._fields.get(name)
        if field is None or field.derived is not None or field.concluded is not None or field.type is None:
            return None
        return field

    def sure(self, name: str) -> bool:
        """Whether reading a field always gives a value of its kind, or null."""
        field = self.given(name)
        return field is not None and field.type in _SURE and field.max_age is None
