"""Mappings as mappings/*.yaml states them."""

from typing import ClassVar, Literal

import msgspec

from engine.source.expression import Expression
from engine.source.kinds import FieldName, Name
from engine.source.problem import Place


class FieldMapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one field is filled: FEEL over the record's columns, or where a reference points."""

    short_form: ClassVar[str] = "value"
    title_in_messages: ClassVar[str] = "field mapping"

    value: Expression | None = None
    """The field's value over the record's columns."""
    key: Expression | None = None
    """For a reference: the other record's key, or the identifier, over the record's columns."""
    stream: str | None = None
    """The stream of the record whose key it is."""
    source: Name | None = None
    """The source of that stream; without it the mapping's own."""
    scheme: Name | None = None
    """The scheme of the identifier, such as tax_id or email."""
    row: Expression | None = None
    """For a reference to a row of that record: the row's key in it."""
    place: Place = Place("")


class EntityMapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the records of a stream say of one entity."""

    title_in_messages: ClassVar[str] = "mapping"

    entity: FieldName
    """The entity type."""
    id: Expression | None = None
    """The entity's id when none of its keys is known yet; without it source and record key."""
    keys: dict[Name, Expression] = {}
    """Exact identifiers by scheme; empty values give none."""
    each: Expression | None = None
    """A list in the record: one entity for each of its items, read as `item`; what leaves the list is gone."""
    row: Expression | None = None
    """With `each`: the item's key in its record, over the columns, `item` and `index`, its place from 1."""
    when: Expression | None = None
    """Records for which this is not true say nothing of this entity."""
    valid_at: Expression | None = None
    """Since when the record holds in the world; without it what the source says."""
    fields: dict[FieldName, FieldMapping] = {}
    """The entity's fields over the record's columns."""
    place: Place = Place("")


class SourceMapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the records of one source become entities."""

    format: Literal[1] = 1
    """The version of this file's form."""
    source: Name
    """The source of config/sources.yaml."""
    streams: dict[str, tuple[EntityMapping, ...]] = {}
    """Stream -> the entities that its records speak of."""
    place: Place = Place("")
