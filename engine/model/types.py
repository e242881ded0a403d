"""The unified model as FEEL types."""

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
    RangeType,
    Type,
)
from engine.model.structs import EntityType, Field, Model

ACTION = "action"
_ACTION_TEXTS = ("ruleset", "rule", "action", "subject", "operation", "state", "by", "reason")
_ACTION_TIMES = ("proposed_at", "decided_at", "sent_at", "ended_at")
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


def with_actions(model: Model) -> Model:
    """Add the entity type `action`, the life of proposals, which refers to its subject under that type's name."""
    fields = {name: Field(type="text") for name in _ACTION_TEXTS}
    fields |= {name: Field(type="datetime") for name in _ACTION_TIMES}
    for name in model.entities:
        taken = "actions" in collections(model)[name] or "actions" in model.entities[name].fields
        fields.setdefault(name, Field(ref=name, inverse=None if taken else "actions"))
    return Model(entities={**model.entities, ACTION: EntityType(name=ACTION, label="rule", fields=fields)})


def collections(model: Model) -> dict[str, dict[str, tuple[str, str]]]:
    """Map each type to its collections: name -> the type and field that refer here."""
    found: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in model.entities}
    for name, entity in model.entities.items():
        for field_name, field in entity.fields.items():
            if field.inverse and field.ref in found:
                found[field.ref].setdefault(field.inverse, (name, field_name))
            if field.match in found:
                forward = slot_of(name, field_name, field.match)
                found[name].setdefault(field_name, forward)
                found[field.match].setdefault(field.inverse or partner(forward)[1], partner(forward))
    return found


def slot_of(type: str, field: str, match: str) -> tuple[str, str]:
    """Return the slot of a collection that a join fills: the items' type, and a name that no field can have."""
    return match, f"={type}.{field}>{match}"


def joined(slot: tuple[str, str]) -> bool:
    """Whether a slot is a join's, and no reference's."""
    return slot[1].startswith("=")


def partner(slot: tuple[str, str]) -> tuple[str, str]:
    """Return the slot of a join's other direction."""
    name = slot[1]
    if name.endswith("~"):
        return name[:-1].rpartition(">")[2], name[:-1]
    return name[1:].partition(".")[0], f"{name}~"


def context_types(model: Model) -> Mapping[str, ContextType]:
    """Return one nominal context type for each entity type; they lead to each other over references."""
    fields: dict[str, dict[str, Type]] = {name: {"id": STRING} for name in model.entities}
    types = {name: ContextType(entries, name=name) for name, entries in fields.items()}
    for name, entity in model.entities.items():
        for field_name, field in entity.fields.items():
            if field.match is None:
                fields[name][field_name] = types.get(field.ref, ANY) if field.ref else field_type(field)
    for name, inverses in collections(model).items():
        for inverse, (other, _) in inverses.items():
            fields[name].setdefault(inverse, ListType(types[other]))
    return types


def entity_in(type: Type) -> str:
    """Return the name of the entity type that a value of this type is or contains, empty for none."""
    match type:
        case ContextType(fields, name):
            return name or next(filter(None, map(entity_in, fields.values())), "")
        case ListType(element) | RangeType(element):
            return entity_in(element)
    return ""


def feel_types(model: Model, entity: str) -> Mapping[str, Type]:
    """Return the types of the names that an expression over one entity may use, `action` and collections included."""
    return context_types(with_actions(model))[entity].fields


def field_type(field: Field) -> Type:
    """Return the type of a field's value, references aside."""
    plain = _plain(field.type or "any", field)
    return ListType(plain) if field.concluded == "collect" else plain


def _plain(kind: str, field: Field) -> Type:
    if kind == "money":
        return MoneyType(field.currency)
    if kind == "list":
        return ListType(_plain(field.of or "any", field))
    return _SIMPLE[kind]
