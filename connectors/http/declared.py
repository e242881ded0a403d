"""The declared writes of one source, by name: what is not declared, or not allowed, is not sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from connectors.http.transport import Transport
from engine.events import Receipt
from engine.ports import SourceDown


class Write(Protocol):
    """One declared write."""

    async def perform(self, transport: Transport, payload: Mapping[str, Any], key: str) -> Receipt:
        """Send it once and say what became of it."""
        ...

    async def probe(self, transport: Transport, payload: Mapping[str, Any], key: str) -> Receipt | None:
        """Look it up by our key; raises SourceDown."""
        ...


@dataclass(frozen=True, slots=True)
class Declared:
    """The writes of the source `name`, none of which is sent unless it says `write: true`."""

    name: str
    allowed: bool
    transport: Transport
    writes: Mapping[str, Write]

    async def perform(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:
        """Send the declared write once, marked with the key."""
        if not self.allowed:
            return Receipt(result="rejected", detail=f"{self.name} is read only; set `write: true` to allow writing")
        write = self.writes.get(operation.removeprefix(f"{self.name}."))
        if write is None:
            return Receipt(result="rejected", detail=f"{self.name} has no operation {operation}")
        return await write.perform(self.transport, payload, key)

    async def probe(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt | None:
        """Look the write up by its key; raises SourceDown."""
        write = self.writes.get(operation.removeprefix(f"{self.name}."))
        if write is None:
            raise SourceDown(f"{self.name} has no operation {operation}")
        return await write.probe(self.transport, payload, key)
