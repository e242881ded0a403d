"""The settings of an HTTP source. A *path* is names joined by dots (`data.items`) or a JSON pointer (RFC 6901)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from connectors.http.auth import Auth
from connectors.http.paging import Paging
from connectors.settings import OperationSettings, SourceSettings, StreamSettings
from connectors.strict import Settings

Format = Literal["iso", "utc", "date", "epoch", "epoch_ms", "odata2", "number"]


class HttpCursor(Settings, frozen=True, kw_only=True):
    """How to ask for changes: since a moment or number (`field` of the items), or by a `delta` token of the answer.

    `param`: what carries it, written as `send` where the API wants another format than its items have; a token without
    one is itself the address to ask. `value`: FEEL over `since` and, while paging by keyset, `key` of the last item
    (null at the start), for APIs that want a condition instead of a value. `start`: what is sent when there is no
    cursor yet. `lag`: how far back to ask again, because commits come late and clocks differ.
    """

    param: str = ""
    field: str = ""
    delta: str = ""
    value: str = ""
    start: str = ""
    format: Format = "iso"
    send: Format | None = None
    lag: timedelta = timedelta(minutes=1)


class HttpOne(Settings, frozen=True, kw_only=True):
    """How one record is read by its key: `path` with `{FEEL}` over `key` and `keys`, its parts; `item`: path in it."""

    path: str
    item: str = ""


class HttpNested(Settings, frozen=True, kw_only=True):
    """A list inside an item that is given page by page. `more`: path in the item of the address of its next page.

    `items`, `next`: paths in that page of its part of the list, and of the address of the page behind it.
    """

    more: str
    items: str = ""
    next: str = ""


class HttpList(Settings, frozen=True, kw_only=True):
    """A list that is asked for in its own way, `every` so often: by GET, from `path`, with `params`."""

    every: timedelta
    path: str
    page: Paging
    items: str = ""
    params: Mapping[str, str] = {}


class HttpGone(HttpList, frozen=True, kw_only=True):
    """A list of what was deleted. `at`: path in an item of the moment since when it is gone."""

    at: str


class HttpStream(StreamSettings, frozen=True, kw_only=True):
    """One collection.

    `items`: path of the list in the answer, "" for the answer itself. `key`, `version`: paths in an item.
    `cursor`: without one every read is a full scan, and what it does not find is gone. `scan`: with a cursor, how often
    a full scan looks for what was deleted without a word, or the list that it reads instead of asking for changes since
    the start. `gone`: a list of what was deleted. `page` must be said, be it `{kind: none}`. `deleted`, `where`: FEEL
    over the item (`item` is all of it); one that leaves `where` counts as deleted. `method: POST` sends `body`, in
    which the parameters are put at their paths. `one`: how a single record is read for a person who waits. `nested`: by
    their paths, lists inside an item that the server may cut into pages.
    """

    path: str
    key: str | tuple[str, ...]
    page: Paging
    items: str = ""
    cursor: HttpCursor | None = None
    scan: timedelta | HttpList | None = None
    gone: HttpGone | None = None
    version: str = ""
    deleted: str = ""
    where: str = ""
    fields: tuple[str, ...] = ()
    method: Literal["GET", "POST"] = "GET"
    params: Mapping[str, str] = {}
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = {}
    one: HttpOne | None = None
    nested: Mapping[str, HttpNested] = {}


class Probe(Settings, frozen=True, kw_only=True):
    """The look-up of a write by our key: `param` carries it, `items` is the path of what was found.

    `value`: FEEL over the payload and `key`, for APIs that want a condition; `path` may hold `{FEEL}`. `method: POST`
    sends `json`, each text in it FEEL. `single`: the answer is the record itself, and 404 says that there is none.
    """

    path: str
    param: str = ""
    value: str = "key"
    items: str = ""
    single: bool = False
    method: Literal["GET", "POST"] = "GET"
    json: Mapping[str, Any] | None = None


class Reread(Settings, frozen=True, kw_only=True):
    """The target read again around a write. `path` may hold `{FEEL}` over the payload.

    `at`: path of the record in the answer. `version`: path of its version there, default the ETag header. `before`:
    FEEL over the payload and `now` (what was just read), which must be true or the write is a conflict. `after`: the
    same once it is written; what is not true then is uncertain.
    """

    path: str
    at: str = ""
    version: str = ""
    before: str = ""
    after: str = ""


class CloudEvent(Settings, frozen=True, kw_only=True):
    """What makes a write a CloudEvent 1.0: its `type`, and FEEL over the payload and `key` for its `subject`.

    `source`: who tells it (default `opslayer/SOURCE`). Its id, and the header webhook-id, is our idempotency key.
    """

    type: str
    subject: str = ""
    source: str = ""


class HttpOperation(OperationSettings, frozen=True, kw_only=True):
    """One declared write.

    `path`: with `{FEEL}` over the payload and `key` for its changing parts. `json`: the request's body, each text in it
    FEEL over the same; default the payload itself. `key_header`, `key_field`: how our idempotency key travels, unless
    `path` or `json` name `key`.
    `concurrency`: what the target checks; `version` is the payload key that holds what was seen, `version_field`
    the body field of a version token; `reread` gets the version where the payload has none. `reference`, `link`: paths
    in the answer. `event`: the body is sent as the data of a CloudEvent.
    """

    path: str
    method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST"
    json: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = {}
    key_header: str = ""
    key_field: str = ""
    probe: Probe | None = None
    concurrency: Literal["etag-required", "version-token", "timestamp-weak", "none"] = "none"
    version: str = ""
    version_field: str = ""
    reread: Reread | None = None
    reference: str = ""
    link: str = ""
    event: CloudEvent | None = None


Meaning = Literal["ok", "rejected", "conflict", "throttled", "unavailable", "unauthorized", "expired", "uncertain"]


class ErrorRule(Settings, frozen=True, kw_only=True):
    """What an answer means when `when` holds: FEEL over `status`, `headers` (lower case) and `body`."""

    when: str
    means: Meaning
    detail: str = ""


class Window(Settings, frozen=True, kw_only=True):
    """One more window the vendor counts in, e.g. a day's quota."""

    rate: Annotated[int, msgspec.Meta(ge=1)]
    per: timedelta


class Limits(Settings, frozen=True, kw_only=True):
    """The source's patience: `rate` requests `per` so long, of which the share `reserve` is kept for people.

    `budget`: what the vendor counts by; sources of one name share it (default: the source alone). `also`: further
    windows. `concurrent`: how many requests may be under way, 0 for any number.
    """

    rate: Annotated[int, msgspec.Meta(ge=1)] = 600
    per: timedelta = timedelta(minutes=1)
    also: tuple[Window, ...] = ()
    budget: str = ""
    concurrent: Annotated[int, msgspec.Meta(ge=0)] = 0
    reserve: Annotated[float, msgspec.Meta(ge=0, le=0.9)] = 0.2
    attempts: Annotated[int, msgspec.Meta(ge=1, le=10)] = 4
    most_wait: timedelta = timedelta(seconds=30)
    rest_after: Annotated[int, msgspec.Meta(ge=1)] = 5
    rest: timedelta = timedelta(seconds=30)


class HttpSource(SourceSettings, frozen=True, kw_only=True):
    """One API. `aliases`: what the server calls itself in the addresses it gives, as `host:port`, besides `url`'s."""

    url: str
    aliases: tuple[str, ...] = ()
    auth: Auth = Auth()
    headers: Mapping[str, str] = {}
    limits: Limits = Limits()
    errors: tuple[ErrorRule, ...] = ()
    streams: Mapping[str, HttpStream] = {}
    operations: Mapping[str, HttpOperation] = {}
