"""The HTTP connector: streams from collections, operations as declared requests."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import msgspec

from connectors.http.answer import dig
from connectors.http.asking import list_asking, make_asking
from connectors.http.building import ENCODER, SLOT, texts
from connectors.http.declared import Declared
from connectors.http.gone import Gone
from connectors.http.items import Shape, make_items
from connectors.http.one import make_one
from connectors.http.paging import Keyset
from connectors.http.reading import Reading
from connectors.http.settings import HttpList, HttpOperation, HttpSource, HttpStream
from connectors.http.transport import Request, Transport
from connectors.http.writing import operations
from connectors.settings import Surroundings, build_all
from connectors.values import moment
from engine.events import Receipt, Record
from engine.ports import NotGiven, Operation, Page, SourceDown, Standing, Wish
from engine.source import ConfigError, Place, Problem


class HttpConnector:
    """One API as a source; nothing is written unless the source says `write: true`."""

    def __init__(
        self,
        name: str,
        settings: HttpSource,
        surroundings: Surroundings,
        client: httpx.AsyncClient | None = None,
        shapes: Mapping[str, Shape] | None = None,
    ) -> None:
        self.name = name
        self.streams: Sequence[str] = tuple(settings.streams)
        self.operations: Mapping[str, Operation] = {
            key: operation.operation(f"{name}.{key}") for key, operation in settings.operations.items()
        }
        self._clock = surroundings.clock
        self.transport = Transport(name, settings, surroundings, client)
        zone = ZoneInfo(settings.timezone) if settings.timezone else surroundings.zone
        self._readings = build_all(
            {
                stream: partial(self._reading, stream, each, zone, surroundings, (shapes or {}).get(stream))
                for stream, each in settings.streams.items()
            }
        )
        self._ones = {
            stream: make_one(self.transport, self._readings[stream].items, each.one, surroundings)
            for stream, each in settings.streams.items()
            if each.one is not None
        }
        self.fetched = frozenset(self._ones)
        writes = operations(name, settings, surroundings)
        self._declared = Declared(name, settings.write, self.transport, writes)

    async def read(self, stream: str, cursor: str) -> AsyncIterator[Page]:
        """Yield pages after the cursor; raises SourceDown."""
        async for page in self._readings[stream].pages(cursor, self._clock.now()):
            yield page

    async def fetch(self, stream: str, key: str) -> Record | None:
        """Read one record by its key; raises SourceDown."""
        return await self._ones[stream].fetch(key)

    async def perform(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:
        """Send the declared write once, marked with the key."""
        return await self._declared.perform(operation, payload, key)

    async def probe(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt | None:
        """Look the write up by its key; raises SourceDown."""
        return await self._declared.probe(operation, payload, key)

    async def subscribe(self, wish: Wish) -> Standing:
        """Make or prolong a subscription; raises NotGiven, SourceDown. Made twice it only hints twice."""
        content = ENCODER.encode(wish.content)
        found, judged = await self.transport.write(Request(wish.path, wish.method, {}, content, wish.headers))
        if found is None or judged.means != "ok":
            refused = found is not None and judged.means in {"rejected", "expired"}
            raise NotGiven(judged.detail, judged.status) if refused else SourceDown(f"{self.name}: {judged.detail}")
        until = moment(dig(found.body, wish.until), UTC) if wish.until else None
        id = dig(found.body, wish.id) if wish.id else None
        return msgspec.structs.replace(
            wish.standing, id=str(id or wish.standing.id), until=until or wish.standing.until
        )

    def _reading(
        self, stream: str, settings: HttpStream, zone: tzinfo, surroundings: Surroundings, shape: Shape | None
    ) -> Reading:
        items = make_items(self.name, stream, settings, zone, surroundings, shape)
        asking = make_asking(self.name, stream, settings, surroundings)
        listing = list_asking(settings, settings.scan) if isinstance(settings.scan, HttpList) else None
        gone = None
        if settings.gone:
            gone = Gone(self.transport, settings.gone, items, list_asking(settings, settings.gone))
        return Reading(self.transport, settings, items, asking, listing, gone)

    async def aclose(self) -> None:
        """Close connections."""
        await self.transport.aclose()


def open_http(name: str, settings: HttpSource, surroundings: Surroundings) -> HttpConnector:
    """Make the connector; it connects on first use. Raises ConfigError with every contradiction."""
    if problems := tuple(contradictions(name, settings)):
        raise ConfigError(problems)
    return HttpConnector(name, settings, surroundings)


def contradictions(name: str, settings: HttpSource) -> Iterator[Problem]:
    """Yield what cannot be meant as it is said."""
    for key, stream in settings.streams.items():
        for message in _of_stream(stream):
            yield Problem("bad-setting", message, Place(f"sources.{name}.streams.{key}"))
    for key, operation in settings.operations.items():
        for message in _of_operation(operation):
            yield Problem("bad-setting", message, Place(f"sources.{name}.operations.{key}"))


def _of_stream(stream: HttpStream) -> Iterator[str]:
    cursor = stream.cursor
    if cursor and bool(cursor.field) == bool(cursor.delta):
        yield "a cursor needs either `field` or `delta`"
    if cursor and cursor.field and not cursor.param:
        yield "a cursor with a `field` needs the `param` that carries it"
    if isinstance(stream.page, Keyset) and not (cursor and cursor.field):
        yield "`page: {kind: keyset}` needs a cursor with a `field`"
    if stream.body is not None and stream.method == "GET":
        yield "a `body` needs `method: POST`"
    if any(isinstance(each.page, Keyset) for each in (stream.scan, stream.gone) if isinstance(each, HttpList)):
        yield "the lists of `scan` and `gone` are not paged by keyset"
    if stream.gone and not stream.scan:
        yield "`gone` needs a `scan`, which finds what the list has forgotten"


def _of_operation(operation: HttpOperation) -> Iterator[str]:
    if operation.idempotency == "probe" and operation.probe is None:
        yield "`idempotency: probe` needs a `probe`"
    named = any(KEY.search(text) for text in (*SLOT.findall(operation.path), *texts(operation.json)))
    probe = operation.probe
    by_key = operation.idempotency == "native_key" or (
        operation.idempotency == "probe"
        and probe is not None
        and any(KEY.search(text) for text in ((probe.value if probe.param else ""), probe.path, *texts(probe.json)))
    )
    if by_key and not (operation.key_header or operation.key_field or named):
        yield "say how our key travels: `key_header`, `key_field`, or `key` in the path or the body"
    if operation.concurrency == "version-token" and not operation.version_field:
        yield "`concurrency: version-token` needs a `version_field`"
    if operation.record and operation.record not in operation.fields:
        yield "`record` names none of its `fields`"


KEY = re.compile(r"\bkey\b")
