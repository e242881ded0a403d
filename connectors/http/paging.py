"""Ways to page. A paginator is only its settings: the next request follows from the last one and its answer."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urljoin

import msgspec

from connectors.http.answer import Answer, dig
from connectors.strict import Settings
from engine.ports import SourceDown

Size = Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class Sized(Settings, frozen=True, kw_only=True):
    """Base of paginators; the server may give fewer items than `size`, so a short page ends nothing."""

    size: Size = 100
    size_param: str = ""


class NoPages(Settings, frozen=True, kw_only=True, tag_field="kind", tag="none"):
    """Everything comes in one answer."""


class PageNumber(Sized, frozen=True, kw_only=True, tag_field="kind", tag="page"):
    """Pages have numbers; an empty one, or the same one again, is behind the end."""

    param: str = "page"
    first: int = 1


class Offset(Sized, frozen=True, kw_only=True, tag_field="kind", tag="offset"):
    """Pages begin behind a number of items; an empty one is behind the end."""

    param: str = "offset"


class Token(Sized, frozen=True, kw_only=True, tag_field="kind", tag="cursor"):
    """The answer holds (path `field`) what the next request sends as `param`."""

    param: str
    field: str


class Link(Sized, frozen=True, kw_only=True, tag_field="kind", tag="link"):
    """The Link header names the next page (RFC 8288, rel="next")."""


class NextUrl(Sized, frozen=True, kw_only=True, tag_field="kind", tag="next_url"):
    """The answer holds (path `field`) the address of the next page.

    `stable: false` when that address only counts, so that rows slide when others come or go.
    """

    field: str
    stable: bool = True


class Keyset(Sized, frozen=True, kw_only=True, tag_field="kind", tag="keyset"):
    """Items are sorted by the stream's cursor field, and the next request asks from the last item's value on.

    `size` must be what the server gives at most, unless `more` is the path of something that is there while there is
    more; where that is a token, `param` sends it to get over many items with one value.
    """

    more: str = ""
    param: str = ""


Paging = NoPages | PageNumber | Offset | Token | Link | NextUrl | Keyset


Params = Mapping[str, str | int]


class Ask(msgspec.Struct, frozen=True):
    """One request for a page: parameters, or the whole address where the server gave it.

    `since` and `key` say from where, by the stream's cursor.
    """

    params: Params
    url: str = ""
    since: str = ""
    key: str = ""


class Got(msgspec.Struct, frozen=True):
    """What came of it: how many items, whether this pass met any of them first here, the last one's cursor and key."""

    count: int
    answer: Answer
    fresh: bool
    last: str = ""
    key: str = ""


def first(page: Paging, params: Params, since: str) -> Ask:
    """Return the first request of a pass."""
    sized = {} if isinstance(page, NoPages) or not page.size_param else {page.size_param: page.size}
    start = {page.param: page.first} if isinstance(page, PageNumber) else {}
    return Ask({**params, **sized, **start}, since=since)


def following(page: Paging, ask: Ask, got: Got) -> Ask | None:
    """Return the request for the page after, None at the end; raises SourceDown when the server goes in circles."""
    match page:
        case PageNumber():
            return _moved(ask, page.param, int(ask.params[page.param]) + 1) if got.fresh else None
        case Offset():
            start = int(ask.params.get(page.param, 0))
            return _moved(ask, page.param, start + got.count) if got.fresh else None
        case Token():
            token = dig(got.answer.body, page.field)
            return _moved(ask, page.param, str(token)) if token else None
        case Link():
            return _elsewhere(ask, got.answer, got.answer.links.get("next", ""))
        case NextUrl():
            return _elsewhere(ask, got.answer, str(dig(got.answer.body, page.field) or ""))
        case Keyset():
            return _behind_last(page, ask, got)
        case NoPages():
            return None


def _behind_last(page: Keyset, ask: Ask, got: Got) -> Ask | None:
    """Return the request from the last item on; a full page with nothing new would hide what stands behind it."""
    more = dig(got.answer.body, page.more) if page.more else None
    if page.more and not more and got.count < page.size:
        return None
    if more and page.param and got.last == ask.since:
        return _moved(ask, page.param, str(more))
    if got.fresh:
        first = {name: value for name, value in ask.params.items() if name != page.param}
        return Ask(first, since=got.last, key=got.key)
    if more or got.count >= page.size:
        raise SourceDown(f"paging does not get on: more than {got.count} items have the cursor value {got.last}")
    return None


def is_stable(page: Paging) -> bool:
    """Whether rows that come or go between two pages leave the others where they were."""
    return page.stable if isinstance(page, NextUrl) else not isinstance(page, PageNumber | Offset)


def _moved(ask: Ask, param: str, value: str | int) -> Ask:
    if ask.params.get(param) == value:
        raise SourceDown(f"paging does not get on: {param} is {value} again")
    return msgspec.structs.replace(ask, params={**ask.params, param: value})


def _elsewhere(ask: Ask, answer: Answer, url: str) -> Ask | None:
    """Return the request for an address that the answer names, which may be relative to what was asked (RFC 3986)."""
    if not url:
        return None
    target = urljoin(answer.url, url)
    if ask.url == target:
        raise SourceDown(f"paging does not get on: the next page is {target} again")
    return Ask({}, target)
