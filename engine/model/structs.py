"""The unified model as config/model.yaml states it."""

from typing import Literal

import msgspec

from engine.source.expression import Expression

FieldType = Literal[
    "text", "number", "boolean", "date", "datetime", "time", "duration", "months", "money", "list", "any",
]  # fmt: skip
Conflict = Literal["unique", "max", "min", "collect", "priority"]


class Field(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field of an entity type.

    A reference says `ref` (and `inverse`, the name of the collection on the other side). `derived` is FEEL over the
    entity's own fields. `concluded` marks a field that rules set, and how several conclusions meet.
    Money has `currency` or `currency_field`. `personal` data is encrypted under its person's key. `of` types a list's
    items. `max_age`: staler than this is unresolved. `retain` keeps a field that no rule reads yet.
    """

    type: FieldType | None = None
    ref: str | None = None
    inverse: str | None = None
    acyclic: bool = False
    derived: Expression | None = None
    concluded: Conflict | None = None
    default: Expression | None = None
    currency: str | None = None
    currency_field: str | None = None
    of: str | None = None
    personal: bool = False
    retain: bool = False
    max_age: str | None = None
    values: tuple[str, ...] = ()
    about: str = ""


class EntityType(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of entity; `root` names the type whose id keys it, `label` the field that names it to people.

    `person` is the reference (or `self`) whose key encrypts the personal fields.
    """

    name: str = ""
    root: str | None = None
    label: str | None = None
    person: str | None = None
    about: str = ""
    fields: dict[str, Field]


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All entity types by name."""

    format: Literal[1] = 1
    entities: dict[str, EntityType]
