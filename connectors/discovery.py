"""What a source has besides what its settings name: streams, their keys and fields."""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from engine.ports import Connector, Page


class Found(msgspec.Struct, frozen=True):
    """One stream that a source offers; `fields` with their types as the source calls them, "" where it does not say."""

    name: str
    key: tuple[str, ...]
    fields: Mapping[str, str]


@runtime_checkable
class Discovers(Protocol):
    """A connector whose system describes itself."""

    async def discover(self) -> Sequence[Found]:
        """Return what there is; raises SourceDown."""
        ...


async def discover(connector: Connector) -> Sequence[Found]:
    """Return what a source offers: by its own description, else the fields met on the first page of each stream."""
    if isinstance(connector, Discovers):
        return await connector.discover()
    found = []
    for stream in connector.streams:
        page = await first_page(connector, stream)
        fields = {name: type(value).__name__ for each in page.records for name, value in each.data.items()}
        found.append(Found(stream, (), fields))
    return found


async def first_page(connector: Connector, stream: str) -> Page:
    """Return the first page of a stream that holds anything, or the last; raises SourceDown."""
    page = Page(records=(), cursor="")
    async for page in connector.read(stream, ""):
        if page.records or page.rejected:
            break
    return page
