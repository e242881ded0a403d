"""Every field of a home's model: what fills it, who reads it, and whether it is personal."""

from collections import defaultdict

import msgspec

from engine.model.calendar import host_functions
from engine.model.structs import EntityType, Field
from engine.rules.expressions import analyse
from engine.rules.home import Home


class FieldUse(msgspec.Struct, frozen=True, kw_only=True):
    """One field; `fillers` are streams (`erp/customers`), `readers` rules, derived fields and readings."""

    entity: str
    field: str
    type: str
    origin: str
    personal: bool = False
    fillers: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    about: str = ""


def field_uses(home: Home) -> tuple[FieldUse, ...]:
    """Return all fields, in the model's order."""
    readers = analyse(home, {**host_functions(home.app.holidays or ""), **home.functions}).readers
    fillers: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for source, mapping in home.mappings.items():
        for stream, entities in mapping.streams.items():
            for each in entities:
                for name in each.fields:
                    fillers[each.entity, name].add(f"{source}/{stream}")
    return tuple(
        FieldUse(
            entity=type,
            field=name,
            type=field.type or f"-> {field.ref or field.match}",
            origin=_origin(field),
            personal=field.personal,
            fillers=tuple(sorted(fillers[type, name])),
            readers=tuple(sorted({*readers.get((type, name), ()), *_roles(entity, name)})),
            about=field.about,
        )
        for type, entity in home.model.entities.items()
        for name, field in entity.fields.items()
    )


def kept_fields(home: Home) -> frozenset[tuple[str, str]]:
    """Return the (entity type, field) pairs that a home keeps of what its mappings say.

    References are always kept: they are what the rest is found by.
    """
    everything = home.app.keep == "all"
    return frozenset(
        (each.entity, each.field)
        for each in field_uses(home)
        if each.fillers and (everything or each.readers or home.model.entities[each.entity].fields[each.field].ref)
    )


def _origin(field: Field) -> str:
    return "derived" if field.derived else "concluded by rules" if field.concluded else ""


def _roles(entity: EntityType, name: str) -> list[str]:
    """Return what else needs a field: the label, identity, and whoever asked to retain it."""
    evidence = entity.identity
    compared = evidence is not None and name in {
        evidence.name, evidence.city, evidence.address, evidence.email, evidence.phone,
    }  # fmt: skip
    found = [("label", entity.label == name), ("identity", compared), ("retain", entity.fields[name].retain)]
    return [role for role, is_so in found if is_so]
