"""The webhook connector: nothing is read from it, events are sent to it; what it sends comes by its receiver."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec

from connectors.http.auth import Standard
from connectors.http.connector import HttpConnector
from connectors.http.settings import CloudEvent, HttpOperation, HttpSource
from connectors.settings import Surroundings
from connectors.webhook.settings import EventOperation, WebhookSource
from engine.events import Receipt
from engine.ports import Operation, Page, SourceDown
from engine.source import ConfigError, Place, Problem


class WebhookConnector:
    """A system that is told of events; nothing is sent unless the source says `write: true`."""

    def __init__(self, name: str, settings: WebhookSource, surroundings: Surroundings) -> None:
        self.name = name
        self.streams: Sequence[str] = ()
        self._http = HttpConnector(name, _http(settings), surroundings)
        self.operations: Mapping[str, Operation] = self._http.operations

    def read(self, stream: str, cursor: str) -> AsyncIterator[Page]:
        """Raise SourceDown: what it has, it sends."""
        raise SourceDown(f"{self.name} cannot be asked for {stream}{cursor and ' again'}; it sends by itself")

    async def perform(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:
        """Send one signed event, marked with the key."""
        return await self._http.perform(operation, payload, key)

    async def probe(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt | None:
        """Raise SourceDown: a receiver of events cannot be asked what it has."""
        return await self._http.probe(operation, payload, key)

    async def aclose(self) -> None:
        """Close connections."""
        await self._http.aclose()


def _http(settings: WebhookSource) -> HttpSource:
    """Return the same as requests of the HTTP engine."""
    signing = Standard(secret=settings.signing_secret) if settings.signing_secret else settings.auth.standard
    return HttpSource(
        connector="http",
        write=settings.write,
        timeout=settings.timeout,
        url=settings.url or "http://localhost",
        auth=msgspec.structs.replace(settings.auth, standard=signing),
        headers=settings.headers,
        limits=settings.limits,
        errors=settings.errors,
        operations={name: _operation(settings, each) for name, each in settings.operations.items()},
    )


def _operation(settings: WebhookSource, each: EventOperation) -> HttpOperation:
    path = f"{settings.url.rstrip('/')}/{each.path.lstrip('/')}" if each.path else settings.url
    return HttpOperation(
        consequence=each.consequence,
        leaves_company=each.leaves_company,
        fields=each.fields,
        editable=each.editable,
        recipient=each.recipient,
        body=each.body,
        record=each.record,
        idempotency=each.idempotency,
        path=path,
        json=each.json,
        headers=each.headers,
        reference=each.reference,
        link=each.link,
        event=CloudEvent(type=each.event) if isinstance(each.event, str) else each.event,
    )


def open_webhook(name: str, settings: WebhookSource, surroundings: Surroundings) -> WebhookConnector:
    """Make the connector. Raises ConfigError where events have no address, or no signature."""
    problems = [Problem("bad-setting", message, Place(f"sources.{name}.{key}")) for key, message in _faults(settings)]
    if problems:
        raise ConfigError(tuple(problems))
    return WebhookConnector(name, settings, surroundings)


def _faults(settings: WebhookSource) -> list[tuple[str, str]]:
    if not settings.operations:
        return [] if settings.webhook else [("webhook", "say in `webhook` how deliveries are proved")]
    found = []
    if not settings.url:
        found.append(("url", "events need the address they are sent to"))
    if not (settings.signing_secret or settings.auth.standard or settings.auth.hmac):
        found.append(("signing_secret", "events are signed: name the secret"))
    return found
