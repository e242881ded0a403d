"""The files connector: a file or a folder of files as a read-only source."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from connectors.files.reading import Reading
from connectors.files.records import make_records
from connectors.files.settings import FilesSource, FileStream
from connectors.files.timed import TimedReading
from connectors.settings import Surroundings, build_all
from engine.events import Receipt, Record
from engine.ports import Operation, Page, SourceDown


class FilesConnector:
    """Files as a source; nothing is ever written to them."""

    def __init__(self, name: str, settings: FilesSource, surroundings: Surroundings) -> None:
        self.name = name
        self.streams: Sequence[str] = tuple(settings.streams)
        self.operations: Mapping[str, Operation] = {}
        self._surroundings = surroundings
        self._readings = build_all(
            {
                stream: partial(_reading, name, stream, settings.path, each, surroundings)
                for stream, each in settings.streams.items()
            }
        )

    async def read(self, stream: str, cursor: str) -> AsyncIterator[Page]:
        """Yield pages after the cursor; raises SourceDown."""
        pages = self._readings[stream].pages(cursor, self._surroundings.clock.now())
        while (page := await asyncio.to_thread(next, pages, None)) is not None:
            yield page

    async def history(self, stream: str) -> Sequence[tuple[datetime, Record]]:
        """Return every state of a stream that declares `visible`, in order of time; raises SourceDown."""
        reading = self._readings[stream]
        if not isinstance(reading, TimedReading):
            raise SourceDown(f"{self.name}.{stream} says nowhere from when a row is known; declare `visible`")
        history = await asyncio.to_thread(reading.history)
        return tuple(zip(history.moments, history.records, strict=True))

    async def perform(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:  # noqa: ARG002  (the port's signature)
        """Refuse."""
        return Receipt(result="rejected", detail=f"{self.name} is read only")

    async def probe(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt | None:  # noqa: ARG002  (the port's signature)
        """Nothing was ever written."""
        return None

    async def aclose(self) -> None:
        """Hold nothing open."""


def open_files(name: str, settings: FilesSource, surroundings: Surroundings) -> FilesConnector:
    """Make the connector; files are opened when read. Raises ConfigError."""
    return FilesConnector(name, settings, surroundings)


def _reading(
    name: str, stream: str, root: str, settings: FileStream, surroundings: Surroundings
) -> Reading | TimedReading:
    path = surroundings.home / root / settings.path if settings.path else surroundings.home / root
    records = make_records(name, stream, path.name, settings, surroundings)
    return (TimedReading if settings.visible else Reading)(path, settings, records)
