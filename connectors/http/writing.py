"""Declared writes: one request each, marked with our key, and what its answer means for the action."""

import re
from collections.abc import Mapping
from datetime import tzinfo
from functools import partial
from typing import Any
from urllib.parse import quote

import msgspec

from connectors.formula import Formula, FormulaFault
from connectors.http.answer import Answer, dig
from connectors.http.errors import Judged
from connectors.http.settings import HttpOperation, HttpSource
from connectors.http.transport import Expired, Transport
from connectors.settings import Surroundings, build_all
from connectors.values import plain
from engine.events import Receipt
from engine.ports import SourceDown

SLOT = re.compile(r"\{([^{}]+)\}")
PRECONDITIONS = {"etag-required": "If-Match", "timestamp-weak": "If-Unmodified-Since"}
ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


class Refused(Exception):
    """The payload makes no request that may be sent."""


class Writing:
    """One write operation of one API, its expressions compiled."""

    def __init__(self, source: str, name: str, settings: HttpOperation, surroundings: Surroundings) -> None:
        place = f"sources.{source}.operations.{name}"
        self._settings = settings
        self._zone: tzinfo = surroundings.zone
        self._formulas = {text: Formula(text, place, surroundings, settings.fields) for text in _expressions(settings)}

    async def perform(self, transport: Transport, payload: Mapping[str, Any], key: str) -> Receipt:
        """Send the write once and say what became of it."""
        try:
            scope = self._scope(payload)
            path, body, headers = self._path(scope), self._body(scope, key), self._headers(scope, key)
        except (Refused, FormulaFault) as refused:
            return Receipt(result="rejected", detail=str(refused))
        content = None if body is None else ENCODER.encode(body)
        found, judged = await transport.send(self._settings.method, path, content=content, headers=headers)
        return self._receipt(found, judged)

    async def probe(self, transport: Transport, key: str) -> Receipt | None:
        """Look the write up by our key; None when the target has nothing under it. Raises SourceDown."""
        probe = self._settings.probe
        if probe is None:
            raise SourceDown("this operation cannot be looked up; a person must")
        try:
            found = await transport.get(probe.path, {probe.param: key}, "interactive")
        except Expired as expired:
            raise SourceDown(str(expired)) from expired
        items = dig(found.body, probe.items)
        if not isinstance(items, list):
            raise SourceDown(f"there is no list at {probe.items or 'the top of the answer'}")
        return self._named(items[0], found, "") if items else None

    def _scope(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the payload as FEEL values; what is declared and not given is null."""
        if missing := [name for name, needed in self._settings.fields.items() if needed and payload.get(name) is None]:
            raise Refused(f"the payload has no {', '.join(missing)}")
        return {**dict.fromkeys(self._settings.fields), **plain(payload, self._zone)}

    def _path(self, scope: Mapping[str, Any]) -> str:
        def fill(slot: re.Match[str]) -> str:
            value = self._formulas[slot[1]].value(scope)
            if value is None or value == "":
                raise Refused(f"{slot[0]} of the path is empty")
            return quote(str(value), safe="")

        return SLOT.sub(fill, self._settings.path)

    def _body(self, scope: Mapping[str, Any], key: str) -> dict[str, Any] | None:
        if self._settings.method == "DELETE":
            return None
        declared = self._settings.json
        body = {name: value for name, value in scope.items() if value is not None}
        body = body if declared is None else self._built(declared, scope)
        if self._settings.key_field:
            body[self._settings.key_field] = key
        if self._settings.concurrency == "version-token":
            body[self._settings.version_field] = self._version(scope)
        return body

    def _built(self, declared: Any, scope: Mapping[str, Any]) -> Any:  # noqa: ANN401  (JSON)
        """Return the declared shape with the values of its expressions; null members are left out."""
        if isinstance(declared, str):
            return self._formulas[declared].value(scope)
        if isinstance(declared, Mapping):
            members = {name: self._built(each, scope) for name, each in declared.items()}
            return {name: value for name, value in members.items() if value is not None}
        if isinstance(declared, list | tuple):
            return [self._built(each, scope) for each in declared]
        return declared

    def _headers(self, scope: Mapping[str, Any], key: str) -> dict[str, str]:
        headers = {"Content-Type": "application/json", **self._settings.headers}
        if self._settings.key_header:
            headers[self._settings.key_header] = key
        if name := PRECONDITIONS.get(self._settings.concurrency):
            headers[name] = self._version(scope)
        if any("\n" in value or "\r" in value for value in headers.values()):
            raise Refused("a header would hold a line break")
        return headers

    def _version(self, scope: Mapping[str, Any]) -> str:
        value = scope.get(self._settings.version)
        if not value:
            raise Refused(f"the payload has no {self._settings.version or 'version'}, which the target asks for")
        return str(value)

    def _receipt(self, found: Answer | None, judged: Judged) -> Receipt:
        match judged.means:
            case "ok" if found is not None:
                return self._named(found.body, found, "")
            case "unauthorized":
                return Receipt(result="unavailable", detail=judged.detail)
            case "expired":
                return Receipt(result="rejected", detail=judged.detail)
            case "unavailable" if found is not None and found.status == 408:
                return Receipt(result="uncertain", detail=judged.detail)
            case "throttled" | "unavailable" | "rejected" | "conflict":
                return Receipt(result=judged.means, detail=judged.detail, retry_after=judged.retry_after)
            case _:
                return Receipt(result="uncertain", detail=judged.detail)

    def _named(self, body: object, found: Answer, detail: str) -> Receipt:
        reference = dig(body, self._settings.reference) if self._settings.reference else None
        link = dig(body, self._settings.link) if self._settings.link else found.header("location")
        return Receipt(
            result="ok",
            reference="" if reference is None else str(reference),
            link=str(link or ""),
            version=found.header("etag"),
            detail=detail,
        )


def _expressions(settings: HttpOperation) -> set[str]:
    return {*SLOT.findall(settings.path), *_texts(settings.json)}


def _texts(declared: object) -> set[str]:
    if isinstance(declared, str):
        return {declared}
    if isinstance(declared, Mapping):
        return set().union(*(_texts(each) for each in declared.values()))
    if isinstance(declared, list | tuple):
        return set().union(*(_texts(each) for each in declared))
    return set()


def operations(source: str, settings: HttpSource, surroundings: Surroundings) -> dict[str, Writing]:
    """Return the write operations of a source; raises ConfigError."""
    return build_all(
        {name: partial(Writing, source, name, each, surroundings) for name, each in settings.operations.items()}
    )
