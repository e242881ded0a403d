"""The unified model as FEEL types, with room for the fields that the compiler adds."""

from collections.abc import Mapping

from engine.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS,
    ContextType,
    ListType,
    MoneyType,
    Type,
)
from engine.model.structs import EntityType, Field, Model

_SIMPLE: Mapping[str, Type] = {
    "text": STRING,
    "number": NUMBER,
    "boolean": BOOLEAN,
    "date": DATE,
    "datetime": DATE_TIME,
    "time": TIME,
    "duration": DAYS_TIME,
    "months": YEARS_MONTHS,
    "any": ANY,
}

ACTION = "action"
_ACTION_FIELDS = ("ruleset", "rule", "action", "subject", "operation", "state", "by")
_ACTION_TIMES = ("proposed_at", "decided_at", "sent_at", "ended_at")


class Contexts:
    """One nominal context type for each entity type; `fields` may be added to while compiling."""

    def __init__(self, model: Model) -> None:
        self.fields: dict[str, dict[str, Type]] = {name: {"id": STRING} for name in model.entities}
        self.types = {name: ContextType(fields, name=name) for name, fields in self.fields.items()}
        for name, entity in model.entities.items():
            for field_name, field in entity.fields.items():
                self.fields[name][field_name] = self._type(field)
                if field.ref and field.inverse:
                    self.fields[field.ref][field.inverse] = ListType(self.types[name])

    def _type(self, field: Field) -> Type:
        if field.ref:
            return self.types[field.ref]
        if field.concluded == "collect":
            return ListType(self._plain(field.type or "any", field))
        return self._plain(field.type or "any", field)

    def _plain(self, kind: str, field: Field) -> Type:
        if kind == "money":
            return MoneyType(field.currency)
        if kind == "list":
            return ListType(self._plain(field.of or "any", field))
        return _SIMPLE[kind]


def with_actions(model: Model) -> Model:
    """Add the entity type `action`: the life of proposals, referring to its subject and the subject's root."""
    fields = {name: Field(type="text") for name in _ACTION_FIELDS}
    fields |= {name: Field(type="datetime") for name in _ACTION_TIMES}
    for name, entity in model.entities.items():
        inverse = None if "actions" in entity.fields else "actions"
        if name not in fields:
            fields[name] = Field(ref=name, inverse=inverse)
    return Model(entities={**model.entities, ACTION: EntityType(name=ACTION, label="rule", fields=fields)})


def collections(model: Model) -> dict[str, dict[str, tuple[str, str]]]:
    """Map each type to its collections: name -> the (type, field) that refers here."""
    found: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in model.entities}
    for name, entity in model.entities.items():
        for field_name, field in entity.fields.items():
            if field.ref and field.inverse:
                found[field.ref][field.inverse] = (name, field_name)
    return found


def root_field(model: Model, type: str) -> str | None:
    """Return the reference that leads from a type to its root, None when it is its own root or has none."""
    root = model.entities[type].root
    if root is None or root == type:
        return None
    return next((name for name, field in model.entities[type].fields.items() if field.ref == root), None)
