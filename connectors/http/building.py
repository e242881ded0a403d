"""From a payload to the request of a declared write: FEEL fills the path, the body and the conditions."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import tzinfo
from typing import Any
from urllib.parse import quote

import msgspec

from connectors.formula import Formula
from connectors.http.settings import HttpOperation
from connectors.settings import Surroundings, build_all
from connectors.values import plain

SLOT = re.compile(r"\{([^{}]+)\}")
ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=str)
Scope = Mapping[str, Any]


class Refused(Exception):
    """The payload makes no request that may be sent."""


class Builder:
    """The expressions of one operation, compiled; raises ConfigError with all faults."""

    def __init__(self, place: str, settings: HttpOperation, surroundings: Surroundings) -> None:
        self._settings = settings
        self._zone: tzinfo = surroundings.zone
        names = (*settings.fields, "key", "now")
        self._formulas = build_all(
            {
                text: lambda text=text: Formula(text, place, surroundings, names)  # type: ignore[misc]
                for text in sorted({*expressions(settings)})
            }
        )

    def scope(self, payload: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Return the payload as FEEL values; what is declared and not given is null. Raises Refused."""
        if missing := [name for name, needed in self._settings.fields.items() if needed and payload.get(name) is None]:
            raise Refused(f"the payload has no {', '.join(missing)}")
        return {**dict.fromkeys(self._settings.fields), "key": key, "now": None, **plain(payload, self._zone)}

    def value(self, text: str, scope: Scope) -> Any:  # noqa: ANN401  (a FEEL value)
        """Return the value of one expression; raises FormulaFault."""
        return self._formulas[text].value(scope)

    def path(self, declared: str, scope: Scope) -> str:
        """Return a path with its slots filled, each kept in its place; raises Refused, FormulaFault."""

        def fill(slot: re.Match[str]) -> str:
            value = self.value(slot[1], scope)
            if value is None or value == "":
                raise Refused(f"{slot[0]} of the path is empty")
            return quote(str(value), safe="")

        return SLOT.sub(fill, declared)

    def json(self, declared: Any, scope: Scope) -> Any:  # noqa: ANN401  (JSON)
        """Return the declared shape with the values of its expressions; null members are left out."""
        return filled(declared, lambda text: self.value(text, scope))

    def body(self, payload: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
        """Return the body of the write: what is declared, or the payload as it is."""
        if self._settings.json is not None:
            built: dict[str, Any] = self.json(self._settings.json, scope)
            return built
        return {name: value for name in payload if (value := scope[name]) is not None}


def expressions(settings: HttpOperation) -> Iterator[str]:
    """Yield every FEEL text of an operation."""
    yield from SLOT.findall(settings.path)
    yield from texts(settings.json)
    if probe := settings.probe:
        yield from (probe.value, *SLOT.findall(probe.path), *texts(probe.json))
    if settings.event and settings.event.subject:
        yield settings.event.subject
    if reread := settings.reread:
        yield from (each for each in (reread.before, reread.after) if each)
        yield from SLOT.findall(reread.path)


def filled(declared: Any, value: Callable[[str], Any]) -> Any:  # noqa: ANN401  (JSON)
    """Return a JSON shape with the value of each text in it; null members are left out."""
    if isinstance(declared, str):
        return value(declared)
    if isinstance(declared, Mapping):
        members = {name: filled(each, value) for name, each in declared.items()}
        return {name: each for name, each in members.items() if each is not None}
    return [filled(each, value) for each in declared] if isinstance(declared, list | tuple) else declared


def texts(declared: object) -> Iterator[str]:
    """Yield the texts in a JSON shape, each of which is FEEL."""
    if isinstance(declared, str):
        yield declared
    elif isinstance(declared, Mapping):
        for each in declared.values():
            yield from texts(each)
    elif isinstance(declared, list | tuple):
        for each in declared:
            yield from texts(each)
