"""Declared writes: one request each, marked with our key, and what its answer means for the action."""

from collections.abc import Mapping
from datetime import UTC
from functools import partial
from typing import Any

from connectors.budget import Busy
from connectors.formula import FormulaFault
from connectors.hooks.standard import STANDARD
from connectors.http.answer import Answer, dig
from connectors.http.building import ENCODER, Builder, Refused, Scope
from connectors.http.errors import Judged
from connectors.http.settings import CloudEvent, HttpOperation, HttpSource, Reread
from connectors.http.transport import Expired, Request, Transport
from connectors.settings import Surroundings, build_all
from connectors.values import plain
from engine.events import Receipt
from engine.ports import NotGiven, SourceDown

PRECONDITIONS = {"etag-required": "If-Match", "timestamp-weak": "If-Unmodified-Since"}
EVENT_TYPE = "application/cloudevents+json"


class Writing:
    """One write operation of one API, its expressions compiled."""

    def __init__(self, source: str, name: str, settings: HttpOperation, surroundings: Surroundings) -> None:
        self._settings = settings
        self._source = source
        self._clock = surroundings.clock
        self._zone = surroundings.zone
        self._builder = Builder(f"sources.{source}.operations.{name}", settings, surroundings)

    async def perform(self, transport: Transport, payload: Mapping[str, Any], key: str) -> Receipt:
        """Read the target again where that is declared, send the write once and say what became of it."""
        try:
            scope = self._builder.scope(payload, key)
            if self._settings.reread:
                scope, conflict = await self._before(transport, self._settings.reread, scope)
                if conflict:
                    return conflict
            request = self._request(payload, scope, key)
        except (Refused, FormulaFault) as refused:
            return Receipt(result="rejected", detail=str(refused))
        try:
            found, judged = await transport.write(request)
        except Busy as busy:
            return Receipt(result="deferred", detail=str(busy), retry_after=busy.seconds)
        receipt = self._receipt(found, judged, key)
        return await self._after(transport, scope, receipt) if receipt.result == "ok" else receipt

    async def probe(self, transport: Transport, payload: Mapping[str, Any], key: str) -> Receipt | None:
        """Look the write up by our key; None when the target has nothing under it. Raises SourceDown."""
        probe = self._settings.probe
        if probe is None:
            raise SourceDown("this operation cannot be looked up; a person must")
        try:
            scope = self._builder.scope({**dict.fromkeys(self._settings.fields, ""), **payload}, key)
            params = {probe.param: str(self._builder.value(probe.value, scope))} if probe.param else {}
            content = ENCODER.encode(self._builder.json(probe.json, scope)) if probe.json is not None else None
            request = Request(self._builder.path(probe.path, scope), probe.method, params, content)
            found = await transport.read(request, "interactive")
        except NotGiven as refused:
            if probe.single and refused.status == 404:
                return None
            raise
        except (Expired, Refused, FormulaFault) as error:
            raise SourceDown(str(error)) from error
        if probe.single:
            return self._named(dig(found.body, probe.items), found, single=False)
        items = dig(found.body, probe.items)
        if not isinstance(items, list):
            raise SourceDown(f"there is no list at {probe.items or 'the top of the answer'}")
        return self._named(items[0], found, single=False) if items else None

    def _request(self, payload: Mapping[str, Any], scope: Scope, key: str) -> Request:
        path, headers = self._builder.path(self._settings.path, scope), self._headers(scope, key)
        if self._settings.method == "DELETE":
            return Request(path, "DELETE", headers=headers)
        body = self._builder.body(payload, scope)
        if self._settings.key_field:
            body[self._settings.key_field] = key
        if self._settings.concurrency == "version-token":
            body[self._settings.version_field] = self._version(scope)
        if self._settings.event:
            headers |= {"Content-Type": EVENT_TYPE, f"{STANDARD}-id": key}
            body = self._event(self._settings.event, body, scope, key)
        return Request(path, self._settings.method, content=ENCODER.encode(body), headers=headers)

    def _event(self, event: CloudEvent, data: Mapping[str, Any], scope: Scope, key: str) -> dict[str, Any]:
        """Return the CloudEvent whose data is the body (structured mode, JSON format)."""
        whole = {
            "specversion": "1.0",
            "id": key,
            "source": event.source or f"opslayer/{self._source}",
            "type": event.type,
            "time": self._clock.now().astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "data": data,
        }
        subject = self._builder.value(event.subject, scope) if event.subject else None
        return whole if subject is None else {**whole, "subject": str(subject)}

    def _headers(self, scope: Scope, key: str) -> dict[str, str]:
        headers = {**self._settings.headers}
        if self._settings.key_header:
            headers[self._settings.key_header] = key
        if name := PRECONDITIONS.get(self._settings.concurrency):
            headers[name] = self._version(scope)
        if any("\n" in value or "\r" in value for value in headers.values()):
            raise Refused("a header would hold a line break")
        return headers

    def _version(self, scope: Scope) -> str:
        value = scope.get(self._settings.version) or scope.get(SEEN)
        if not value:
            raise Refused(f"the payload has no {self._settings.version or 'version'}, which the target asks for")
        return str(value)

    async def _before(
        self, transport: Transport, reread: Reread, scope: Scope
    ) -> tuple[dict[str, Any], Receipt | None]:
        """Return the scope with what stands in the target now, or why nothing may be written over it."""
        try:
            found = await transport.read(Request(self._builder.path(reread.path, scope)), "interactive")
        except NotGiven as refused:
            return {**scope}, Receipt(result="rejected", detail=str(refused))
        except Busy as busy:
            return {**scope}, Receipt(result="deferred", detail=str(busy), retry_after=busy.seconds)
        except (SourceDown, Expired) as error:
            return {**scope}, Receipt(result="unavailable", detail=str(error))
        record = dig(found.body, reread.at)
        version = dig(record, reread.version) if reread.version else found.header("etag")
        known = {**scope, "now": plain(record, self._zone), SEEN: version or found.header("etag")}
        if reread.before and self._builder.value(reread.before, known) is not True:
            return known, Receipt(result="conflict", detail=f"the record has changed: not {reread.before}")
        return known, None

    async def _after(self, transport: Transport, scope: Scope, receipt: Receipt) -> Receipt:
        """Return the receipt when the target holds what was written; it is uncertain when that is not to be seen."""
        reread = self._settings.reread
        if reread is None or not reread.after:
            return receipt
        try:
            found = await transport.read(Request(self._builder.path(reread.path, scope)), "interactive")
            holds = self._builder.value(reread.after, {**scope, "now": plain(dig(found.body, reread.at), self._zone)})
        except (SourceDown, Expired, FormulaFault) as error:
            return Receipt(result="uncertain", detail=f"written, but not to be read again: {error}")
        return receipt if holds is True else Receipt(result="uncertain", detail=f"written, but not {reread.after}")

    def _receipt(self, found: Answer | None, judged: Judged, key: str) -> Receipt:
        match judged.means:
            case "ok" if found is not None:
                return self._named(found.body, found, single=True, key=key)
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

    def _named(self, body: object, found: Answer, *, single: bool, key: str = "") -> Receipt:
        reference = dig(body, self._settings.reference) if self._settings.reference else None
        if reference is None and not single:
            reference = dig(body, self._settings.reference.rpartition(".")[2])
        if reference is None and self._settings.event:
            reference = key  # it is the event's id, by which the receiver knows it
        link = dig(body, self._settings.link) if self._settings.link else found.header("location")
        return Receipt(
            result="ok",
            reference="" if reference is None else str(reference),
            link=str(link or ""),
            version=found.header("etag") if single else "",
        )


SEEN = "\0version"
"""Where the scope keeps a version that was read again; no name of FEEL."""


def operations(source: str, settings: HttpSource, surroundings: Surroundings) -> dict[str, Writing]:
    """Return the write operations of a source; raises ConfigError."""
    return build_all(
        {name: partial(Writing, source, name, each, surroundings) for name, each in settings.operations.items()}
    )
