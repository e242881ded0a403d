"""What a service's $metadata says of its entity sets (CSDL XML of V2, V3 and V4)."""

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, ParseError  # only the types; defusedxml reads

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

SAP = "{http://www.sap.com/Protocols/SAPData}"


class Property(msgspec.Struct, frozen=True):
    """One property of an entity type; `type` without its `Edm.`; `day`: a V2 Edm.DateTime that is only a date."""

    name: str
    type: str
    day: bool = False
    label: str = ""


class EntitySet(msgspec.Struct, frozen=True):
    """One entity set."""

    name: str
    type: str
    key: tuple[str, ...]
    properties: Mapping[str, Property]
    navigation: tuple[str, ...] = ()
    targets: Mapping[str, str] = {}
    """Navigation property -> the entity type it leads to."""


class Unreadable(ValueError):
    """The text is no $metadata document."""


def read_metadata(xml: str) -> dict[str, EntitySet]:
    """Return the entity sets by name; raises Unreadable."""
    try:
        root = fromstring(xml)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Unreadable(f"this is no $metadata document: {error}") from error
    types, ends = dict(_types(root)), _ends(root)
    found = {}
    for each in _below(root, "EntitySet"):
        type = each.get("EntityType", "").rpartition(".")[2]
        if element := types.get(type):
            chain = [*_chain(element, types)]
            found[each.get("Name", "")] = EntitySet(
                name=each.get("Name", ""),
                type=type,
                key=tuple(ref.get("Name", "") for part in chain for ref in _below(part, "PropertyRef")),
                properties={one.name: one for part in chain for one in _properties(part)},
                navigation=tuple(one.get("Name", "") for part in chain for one in _below(part, "NavigationProperty")),
                targets={
                    one.get("Name", ""): _target(one, ends)
                    for part in chain
                    for one in _below(part, "NavigationProperty")
                },
            )
    if not found:
        raise Unreadable("this $metadata document has no entity set")
    return found


def _ends(root: Element) -> dict[tuple[str, str], str]:
    """Return the entity type at each end of each association, which only V2 has."""
    return {
        (each.get("Name", ""), end.get("Role", "")): end.get("Type", "").rpartition(".")[2]
        for each in _below(root, "Association")
        for end in _below(each, "End")
    }


def _target(navigation: Element, ends: Mapping[tuple[str, str], str]) -> str:
    if type := navigation.get("Type"):
        return type.removeprefix("Collection(").removesuffix(")").rpartition(".")[2]
    return ends.get((navigation.get("Relationship", "").rpartition(".")[2], navigation.get("ToRole", "")), "")


def _types(root: Element) -> Iterator[tuple[str, Element]]:
    for each in _below(root, "EntityType"):
        yield each.get("Name", ""), each


def _chain(element: Element, types: Mapping[str, Element]) -> Iterator[Element]:
    """Yield the type after what it is derived from; a type never derives from itself."""
    seen = [element]
    while (base := types.get(seen[0].get("BaseType", "").rpartition(".")[2])) is not None and base not in seen:
        seen.insert(0, base)
    yield from seen


def _properties(element: Element) -> Iterator[Property]:
    for each in _below(element, "Property"):
        yield Property(
            name=each.get("Name", ""),
            type=each.get("Type", "").removeprefix("Edm."),
            day=each.get(f"{SAP}display-format") == "Date",
            label=each.get(f"{SAP}label", ""),
        )


def _below(element: Element, name: str) -> Iterator[Element]:
    return (each for each in element.iter() if each.tag.rpartition("}")[2] == name)
