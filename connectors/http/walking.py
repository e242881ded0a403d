"""Walking over the pages of one list."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from connectors.http.answer import Answer, dig
from connectors.http.asking import Asking
from connectors.http.items import Items, write_mark
from connectors.http.nested import complete
from connectors.http.paging import Ask, Got, following
from connectors.http.transport import Transport
from connectors.values import digest
from engine.ports import SourceDown


async def walk(
    transport: Transport, asking: Asking, items: Items, ask: Ask | None
) -> AsyncIterator[tuple[Answer, Mapping[str, Any]]]:
    """Yield each answer and its items by their digests, until there is no page behind; raises SourceDown."""
    seen, settings = set[str](), asking.settings
    while ask is not None:
        found = await transport.read(asking.request(ask), "background")
        whole = [await complete(transport, settings.nested, item, "background") for item in _list(found, items, asking)]
        listed = {digest(item): item for item in whole}
        fresh = bool(listed.keys() - seen)
        seen |= listed.keys()
        yield found, listed
        key = items.key(whole[-1]) if whole else ""
        ask = following(settings.page, ask, Got(len(whole), found, fresh, _last(whole, items), key))


def _list(found: Answer, items: Items, asking: Asking) -> list[Any]:
    listed = dig(found.body, asking.settings.items)
    if not isinstance(listed, list):
        where = asking.settings.items or "the top of the answer"
        raise SourceDown(f"{items.source}.{items.stream}: there is no list at {where}")
    return listed


def _last(listed: Iterable[Any], items: Items) -> str:
    """Return the cursor value of a page's last item, as a parameter."""
    cursor = items.settings.cursor
    marks = [mark for item in listed if (mark := items.mark(item)) is not None]
    return write_mark(marks[-1], cursor) if marks and cursor else ""
