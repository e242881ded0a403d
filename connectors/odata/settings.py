"""The settings of an OData source."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from connectors.http.auth import Auth
from connectors.http.settings import ErrorRule, Limits
from connectors.settings import OperationSettings, SourceSettings
from connectors.strict import Settings

Moment = Literal["datetimeoffset", "datetime", "date", "number"]
KeyType = Literal["string", "number", "guid"]


class OdataStream(Settings, frozen=True, kw_only=True):
    """One entity set, by default the one of the stream's name; `service`: its path below the source's address.

    `key`: properties that name an entity, `key_type` the type of a single one. `changed`: the property that grows with
    every change, `changed_type` its type; without it, and without `track_changes` (a delta link of the server, V4),
    every read is a full scan. `lag`: how far back to ask again. `expand`: navigation properties read along, such as an
    order's items (V4 with their options, `Items($select=ID)`). `scan`: how often a full scan looks for what was
    deleted without a word. `filter`: a constant OData condition. `where`, `deleted`: FEEL over the entity. `version`:
    the property with its version, default the ETag. `paging` of full scans: `server` when the server names the next
    page, `skip` when it is asked for with $skip; by `changed` pages follow the last entity, which no change can upset.
    """

    service: str = ""
    entity_set: str = ""
    key: str | tuple[str, ...]
    key_type: KeyType = "string"
    select: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    filter: str = ""
    changed: str = ""
    changed_type: Moment = "datetimeoffset"
    track_changes: bool = False
    lag: timedelta = timedelta(minutes=1)
    scan: timedelta | None = None
    where: str = ""
    deleted: str = ""
    version: str = ""
    paging: Literal["server", "skip"] = "server"
    page_size: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1000
    fields: tuple[str, ...] = ()


class KeyPart(Settings, frozen=True, kw_only=True):
    """One property of an entity's key: FEEL over the payload, and its type where it is no string."""

    value: str
    type: KeyType = "string"


class Lookup(Settings, frozen=True, kw_only=True):
    """The look-up of a write by our key: FEEL that gives an OData condition over the payload and `key`."""

    filter: str


class OdataOperation(OperationSettings, frozen=True, kw_only=True):
    """One declared write to one entity.

    `do`: create one, or update or delete the one of `key`. `set`: properties with FEEL over the payload and our `key`;
    lists and nested entities make a deep insert. An update reads the entity before: `before` and `after` are FEEL over
    the payload and `now`, the entity as it stands then; its ETag goes along unless `etag: false`. `find`: how a create
    is looked up by our key. `path`: where it is not the entity set (a bound action).
    """

    service: str = ""
    entity_set: str
    do: Literal["create", "update", "delete"] = "create"
    key: Mapping[str, str | KeyPart] = {}
    set: Mapping[str, Any] = {}
    etag: bool = True
    before: str = ""
    after: str = ""
    find: Lookup | None = None
    path: str = ""
    reference: str = ""


class OdataSource(SourceSettings, frozen=True, kw_only=True):
    """One OData service by its root address. `params`: sent with every request, e.g. `sap-client`.

    `aliases`: what the server calls itself in the addresses it gives, as `host:port`, besides `url`'s.
    """

    url: str
    aliases: tuple[str, ...] = ()
    version: Literal[2, 4] = 4
    auth: Auth = Auth()
    headers: Mapping[str, str] = {}
    params: Mapping[str, str] = {}
    limits: Limits = Limits()
    errors: tuple[ErrorRule, ...] = ()
    streams: Mapping[str, OdataStream] = {}
    operations: Mapping[str, OdataOperation] = {}
