"""Lists inside an item that the server gives page by page: the lines of a long order."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from connectors.budget import Lane
from connectors.http.answer import dig, put
from connectors.http.settings import HttpNested
from connectors.http.transport import Expired, Request, Transport
from engine.ports import SourceDown


async def complete(transport: Transport, lists: Mapping[str, HttpNested], item: Any, lane: Lane) -> Any:  # noqa: ANN401  (JSON)
    """Return the item with the rest of each of its lists; raises SourceDown."""
    for path, each in lists.items():
        more, base, seen = dig(item, each.more), "", set[str]()
        rows = dig(item, path)
        while isinstance(more, str) and more and isinstance(rows, list):
            address = urljoin(base, more) if base else more
            if address in seen:
                raise SourceDown(f"the next page of {path} leads back to itself: {address}")
            seen.add(address)
            try:
                found = await transport.read(Request(address), lane)
            except Expired as expired:
                raise SourceDown(str(expired)) from expired
            page = dig(found.body, each.items)
            if not isinstance(page, list):
                raise SourceDown(f"{path}: there is no list at {each.items or 'the top'} of its next page")
            rows, more, base = [*rows, *page], dig(found.body, each.next), found.url
            item = put(item, path, rows)
    return item
