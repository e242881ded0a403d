"""The unified model as config/model.yaml states it."""

from typing import ClassVar, Literal

import msgspec

from engine.source.expression import Expression
from engine.source.kinds import Country, Currency, Duration, FieldName
from engine.source.problem import Place

FieldType = Literal[
    "text", "number", "boolean", "date", "datetime", "time", "duration", "months", "money", "list", "any",
]  # fmt: skip
Conflict = Literal["unique", "max", "min", "collect", "priority"]


class Field(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field of an entity type; `name: text` is short for `name: {type: text}`."""

    short_form: ClassVar[str] = "type"

    type: FieldType | None = None
    """What the field holds: `duration` is days and time, `months` years and months."""
    ref: FieldName | None = None
    """The entity type that this field refers to, instead of `type`."""
    inverse: FieldName | None = None
    """The name of the collection on the other side of the reference, in order of id."""
    match: FieldName | None = None
    """The entity type whose entities this collection holds by `where`, where no reference connects the two."""
    where: Expression | None = None
    """Which of them: FEEL over this entity and a candidate, `item`; one conjunct must equate something of both."""
    acyclic: bool = False
    """Declares that following this reference never leads back, so that rules may recur over it."""
    derived: Expression | None = None
    """How the field follows from the entity's other fields."""
    concluded: Conflict | None = None
    """Rules set this field; how several conclusions meet."""
    default: Expression | None = None
    """The value of a concluded field while no rule sets it."""
    currency: Currency | None = None
    """The currency of a money field, when it is always the same."""
    currency_field: FieldName | None = None
    """The text field of the same entity that names the currency of a money field."""
    of: FieldType | None = None
    """The type of a list's items."""
    personal: bool = False
    """The value is encrypted under the key of the person whom the entity's `person` names."""
    retain: bool = False
    """Keep the field although no rule reads it yet."""
    max_age: Duration | None = None
    """Older than this the value is unresolved."""
    values: tuple[str, ...] = ()
    """The only values a text field may have."""
    about: str = ""
    """What the field means, for people."""
    place: Place = Place("")


class Evidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields by which two entities of a type are recognised as one where no exact identifier tells."""

    title_in_messages: ClassVar[str] = "identity"

    name: FieldName
    """What it is called; candidates are found by it."""
    city: FieldName | None = None
    """Where it is."""
    address: FieldName | None = None
    """Street and number."""
    email: FieldName | None = None
    """A mail address; its domain counts too, unless anyone can have one there."""
    phone: FieldName | None = None
    """A telephone number."""
    merge: Literal["certain", "never"] = "certain"
    """Whether a pair beyond doubt is merged at once, or every pair is shown to a person."""
    country: Country | None = None
    """The country of telephone numbers that name none."""
    place: Place = Place("")


class Rates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields that hold an exchange rate: a unit of `base` is worth `rate` of `quote` from the day `on`."""

    base: FieldName
    """The text field with the currency of which one unit is meant."""
    quote: FieldName
    """The text field with the currency that it is told in."""
    on: FieldName
    """The date field from which the rate counts, until a later one does."""
    rate: FieldName
    """The number field with what a unit is worth."""
    place: Place = Place("")


class EntityType(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of entity."""

    key_field: ClassVar[str] = "name"

    name: str = ""
    root: FieldName | None = None
    """The type whose id keys this one; itself for a root."""
    label: FieldName | None = None
    """The field that names an entity to people."""
    person: FieldName | None = None
    """The reference to the person whose key encrypts the personal fields, or `self`."""
    identity: Evidence | None = None
    """Entities of this type are compared by these fields, and doubtful pairs shown to people."""
    rates: Rates | None = None
    """The fields by which entities of this type are exchange rates, for `in currency(money, currency, date)`."""
    about: str = ""
    """What an entity of this type is, for people."""
    fields: dict[FieldName, Field]
    """The fields by name."""
    place: Place = Place("")


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All entity types by name."""

    format: Literal[1] = 1
    """The version of this file's form."""
    extends: Literal["base"] | None = None
    """Take over the shipped model, and write here only what is added or differs."""
    entities: dict[FieldName, EntityType]
    """The entity types by name."""
    place: Place = Place("")
