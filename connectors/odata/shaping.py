"""Entities as V2 writes them, made plain: `/Date()/`, numbers in quotes, links that are not followed."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.http.items import odata_moment
from connectors.odata.metadata import EntitySet

NUMBERS = frozenset({"Decimal", "Int64", "Byte", "SByte", "Double", "Single"})


OfType = Callable[[str], EntitySet | None]
"""What $metadata says of an entity type, by its name."""


def v2_entity(data: Any, known: EntitySet | None, of_type: OfType) -> Any:  # noqa: ANN401  (JSON)
    """Return a V2 entity with dates, moments and numbers as values, and so what was expanded in it.

    `__metadata` stays for the ETag.
    """
    if not isinstance(data, Mapping):
        return data
    properties = known.properties if known else {}
    shaped: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, Mapping) and "__deferred" in value:
            continue
        if isinstance(value, Mapping | list):
            shaped[name] = _expanded(value, of_type((known.targets if known else {}).get(name, "")), of_type)
            continue
        declared = properties.get(name)
        shaped[name] = _value(value, declared.type if declared else "", day=bool(declared and declared.day))
    return shaped


def _expanded(value: Any, known: EntitySet | None, of_type: OfType) -> Any:  # noqa: ANN401  (JSON)
    if isinstance(value, Mapping) and isinstance(value.get("results"), list):
        value = value["results"]
    if isinstance(value, list):
        return [v2_entity(each, known, of_type) for each in value]
    return v2_entity(value, known, of_type)


def _value(value: Any, kind: str, *, day: bool) -> Any:  # noqa: ANN401  (JSON)
    if not isinstance(value, str):
        return value
    if kind in NUMBERS:
        return _number(value)
    moment = odata_moment(value)
    if moment is None:
        return value
    return moment.date() if day else moment


def _number(value: str) -> Decimal | str:
    try:
        return Decimal(value)
    except InvalidOperation:
        return value
