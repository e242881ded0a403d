"""The bank connector: statements that come into a folder, as a read-only source."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from connectors.bank.folder import Folder
from connectors.bank.settings import BankSource
from connectors.settings import Surroundings
from engine.events import Receipt
from engine.ports import Operation, Page


class BankConnector:
    """A folder of statements; nothing is ever written to it, or moved out of it."""

    def __init__(self, name: str, settings: BankSource, surroundings: Surroundings) -> None:
        self.name = name
        self.streams: Sequence[str] = tuple(settings.streams)
        self.operations: Mapping[str, Operation] = {}
        root = surroundings.home / settings.path
        self._folders = {
            stream: Folder(name, stream, root, each, surroundings.zone) for stream, each in settings.streams.items()
        }

    async def read(self, stream: str, cursor: str) -> AsyncIterator[Page]:
        """Yield pages after the cursor; raises SourceDown."""
        pages = self._folders[stream].pages(cursor)
        while (page := await asyncio.to_thread(next, pages, None)) is not None:
            yield page

    async def perform(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:  # noqa: ARG002  (the port's signature)
        """Refuse."""
        return Receipt(result="rejected", detail=f"{self.name} is read only")

    async def probe(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt | None:  # noqa: ARG002  (the port's signature)
        """Nothing was ever written."""
        return None

    async def aclose(self) -> None:
        """Hold nothing open."""


def open_bank(name: str, settings: BankSource, surroundings: Surroundings) -> BankConnector:
    """Make the connector; files are opened when read."""
    return BankConnector(name, settings, surroundings)
