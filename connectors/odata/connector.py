"""The OData connector: a service as a source, on the HTTP engine."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from connectors.discovery import Found
from connectors.http.connector import HttpConnector, contradictions
from connectors.http.transport import Expired, Request
from connectors.odata.dialect import below, http_source
from connectors.odata.metadata import EntitySet, Unreadable, read_metadata
from connectors.odata.settings import OdataSource
from connectors.odata.shaping import v2_entity
from connectors.settings import Surroundings
from engine.events import Receipt, Record
from engine.ports import Operation, Page, SourceDown, Standing, Wish
from engine.source import ConfigError


class OdataConnector:
    """One service as a source; nothing is written unless the source says `write: true`."""

    def __init__(self, name: str, settings: OdataSource, surroundings: Surroundings) -> None:
        self.name = name
        self._settings = settings
        shapes = {
            stream: _Shape(self, each.service, each.entity_set or stream) for stream, each in settings.streams.items()
        }
        self._http = HttpConnector(
            name, http_source(settings), surroundings, shapes=shapes if settings.version == 2 else {}
        )
        self.streams: Sequence[str] = self._http.streams
        self.operations: Mapping[str, Operation] = self._http.operations
        self.fetched = self._http.fetched
        self._sets: dict[str, Mapping[str, EntitySet]] = {}
        self._lock = asyncio.Lock()

    async def read(self, stream: str, cursor: str) -> AsyncIterator[Page]:
        """Yield pages after the cursor; raises SourceDown. V2 needs $metadata to tell dates and numbers from text."""
        if self._settings.version == 2:
            await self.entity_sets(self._settings.streams[stream].service)
        async for page in self._http.read(stream, cursor):
            yield page

    async def fetch(self, stream: str, key: str) -> Record | None:
        """Read one record by its key; raises SourceDown."""
        if self._settings.version == 2:
            await self.entity_sets(self._settings.streams[stream].service)
        return await self._http.fetch(stream, key)

    async def perform(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:
        """Do the write, with the ETag that was read just before where the service asks for one."""
        return await self._http.perform(operation, payload, key)

    async def probe(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt | None:
        """Look the write up by its key; raises SourceDown."""
        return await self._http.probe(operation, payload, key)

    async def subscribe(self, wish: Wish) -> Standing:
        """Make or prolong a subscription; raises NotGiven, SourceDown."""
        return await self._http.subscribe(wish)

    async def entity_sets(self, service: str = "") -> Mapping[str, EntitySet]:
        """Return what a service's $metadata says, read once; raises SourceDown."""
        async with self._lock:
            if service not in self._sets:
                request = Request(
                    f"{below(service)}/$metadata", params=self._settings.params, headers={"Accept": "application/xml"}
                )
                try:
                    answer = await self._http.transport.read(request, "background")
                    self._sets[service] = read_metadata(str(answer.body))
                except (Expired, Unreadable) as error:
                    raise SourceDown(f"{self.name}: {error}") from error
        return self._sets[service]

    async def discover(self) -> Sequence[Found]:
        """Return every entity set of the services that are read; raises SourceDown."""
        services = sorted({each.service for each in self._settings.streams.values()} or {""})
        return [
            Found(name, each.key, {field: one.type for field, one in each.properties.items()})
            for service in services
            for name, each in (await self.entity_sets(service)).items()
        ]

    async def aclose(self) -> None:
        """Close connections."""
        await self._http.aclose()

    def known(self, service: str, entity_set: str) -> EntitySet | None:
        """Return what was read of an entity set, None when nothing was."""
        return self._sets.get(service, {}).get(entity_set)

    def of_type(self, service: str, type: str) -> EntitySet | None:
        """Return an entity set of a type, None when none was read."""
        return next((each for each in self._sets.get(service, {}).values() if type and each.type == type), None)


class _Shape:
    """Makes the entities of one set plain."""

    def __init__(self, connector: OdataConnector, service: str, entity_set: str) -> None:
        self._connector = connector
        self._service = service
        self._entity_set = entity_set

    def __call__(self, data: Any) -> Any:  # noqa: ANN401  (JSON)
        return v2_entity(data, self._connector.known(self._service, self._entity_set), self._of_type)

    def _of_type(self, type: str) -> EntitySet | None:
        return self._connector.of_type(self._service, type)


def open_odata(name: str, settings: OdataSource, surroundings: Surroundings) -> OdataConnector:
    """Make the connector; it connects on first use. Raises ConfigError with every contradiction."""
    if problems := tuple(contradictions(name, http_source(settings))):
        raise ConfigError(problems)
    return OdataConnector(name, settings, surroundings)
