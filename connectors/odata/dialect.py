"""OData in terms of the HTTP engine: streams become collections, operations become requests."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from connectors.http.paging import Keyset, NextUrl, Offset
from connectors.http.settings import (
    HttpCursor,
    HttpNested,
    HttpOne,
    HttpOperation,
    HttpSource,
    HttpStream,
    Probe,
    Reread,
)
from connectors.odata.settings import KeyPart, OdataOperation, OdataSource, OdataStream

ENTITY: Mapping[int, str] = {2: "d", 4: ""}
LIST: Mapping[int, str] = {2: "d.results", 4: "value"}
NEXT: Mapping[int, str] = {2: "d.__next", 4: "/@odata.nextLink"}
ETAG: Mapping[int, str] = {2: "__metadata.etag", 4: "/@odata.etag"}
LITERALS: Mapping[tuple[int, str], tuple[str, str]] = {
    (2, "datetimeoffset"): ("datetimeoffset'", "Z'"),
    (2, "datetime"): ("datetime'", "'"),
    (2, "date"): ("datetime'", "T00:00:00'"),
    (2, "guid"): ("guid'", "'"),
}
Format = Literal["utc", "date", "number", "odata2"]
FORMATS: Mapping[tuple[int, str], Format] = {
    (2, "datetimeoffset"): "odata2",
    (2, "datetime"): "odata2",
    (2, "date"): "odata2",
    (4, "datetimeoffset"): "utc",
    (4, "datetime"): "odata2",
}


def http_source(settings: OdataSource) -> HttpSource:
    """Return the same source for the HTTP engine."""
    headers = {"DataServiceVersion": "2.0"} if settings.version == 2 else {"OData-Version": "4.0"}
    return HttpSource(
        connector="http",
        every=settings.every,
        stale_after=settings.stale_after,
        order=settings.order,
        write=settings.write,
        timeout=settings.timeout,
        timezone=settings.timezone,
        url=settings.url,
        aliases=settings.aliases,
        auth=settings.auth,
        headers={**headers, **settings.headers},
        limits=settings.limits,
        errors=settings.errors,
        streams={name: _stream(name, each, settings) for name, each in settings.streams.items()},
        operations={name: _operation(each, settings.version) for name, each in settings.operations.items()},
    )


def _stream(name: str, stream: OdataStream, settings: OdataSource) -> HttpStream:
    version = settings.version
    return HttpStream(
        path=f"{below(stream.service)}/{stream.entity_set or name}",
        key=stream.key,
        items=LIST[version],
        one=_one(name, stream, version),
        page=_paging(stream, version),
        cursor=_cursor(stream, version),
        scan=stream.scan,
        version=stream.version or ETAG[version],
        deleted=_deleted(stream),
        where=stream.where,
        fields=stream.fields,
        params={**settings.params, **_params(stream, version)},
        headers=_prefer(stream) if version == 4 else {},
        nested=dict(_nested(each, version) for each in stream.expand),
    )


def _nested(expand: str, version: int) -> tuple[str, HttpNested]:
    """Return where an expanded list stands in its entity, and how it goes on where the server cuts it."""
    name = expand.partition("(")[0]
    if version == 2:
        return f"{name}.results", HttpNested(more=f"{name}.__next", items=LIST[2], next=NEXT[2])
    return name, HttpNested(more=f"/{name}@odata.nextLink", items=LIST[4], next=NEXT[4])


def _one(name: str, stream: OdataStream, version: int) -> HttpOne | None:
    """Return how one entity is read; keys of several properties have types that only $metadata knows."""
    if not isinstance(stream.key, str):
        return None
    key = _literal(KeyPart(value="key", type=stream.key_type), version)
    path = f"{below(stream.service)}/{stream.entity_set or name}({{{key}}})"
    expand = f"?$expand={','.join(stream.expand)}" if stream.expand else ""
    return HttpOne(path=path + expand, item=ENTITY[version])


def _paging(stream: OdataStream, version: int) -> NextUrl | Offset | Keyset:
    if stream.changed and not stream.track_changes:
        return Keyset(size=stream.page_size, size_param="$top", more=NEXT[version])
    if stream.paging == "skip":
        return Offset(param="$skip", size=stream.page_size, size_param="$top")
    return NextUrl(field=NEXT[version], stable=stream.track_changes)


def _prefer(stream: OdataStream) -> dict[str, str]:
    wishes = [f"odata.maxpagesize={stream.page_size}"] if stream.paging == "server" else []
    return {"Prefer": ",".join([*wishes, *(["odata.track-changes"] if stream.track_changes else [])])}


def _params(stream: OdataStream, version: int) -> dict[str, str]:
    keys = (stream.key,) if isinstance(stream.key, str) else stream.key
    # Pages hold still only in an order that has no ties.
    order = ",".join(dict.fromkeys([*([stream.changed] if stream.changed else []), *keys]))
    # V2 gives of what is expanded only what is selected, too.
    select = dict.fromkeys((*stream.select, *(stream.expand if version == 2 else ()))) if stream.select else ()
    found = {"$select": ",".join(select), "$expand": ",".join(stream.expand)}
    if not stream.track_changes:
        found |= {"$orderby": order, "$filter": "" if stream.changed else stream.filter}
    if version == 2:
        found["$format"] = "json"
    return {name: value for name, value in found.items() if value}


def _cursor(stream: OdataStream, version: int) -> HttpCursor | None:
    if stream.track_changes:
        return HttpCursor(delta="/@odata.deltaLink", lag=timedelta())
    if not stream.changed:
        return None
    before, after = LITERALS.get((version, stream.changed_type), ("", ""))
    since = f'"{before}" + since + "{after}"'
    from_there = f'"{stream.changed} ge " + {since}'
    behind = _behind(stream, since, version) if isinstance(stream.key, str) else from_there
    first, both = "null", ""
    if stream.filter:
        first, both = text(stream.filter), f'"(" + {text(stream.filter)} + ") and " + '
    value = f"if since = null then {first} else if key = null then {both}{from_there} else {both}{behind}"
    return HttpCursor(
        param="$filter",
        field=stream.changed,
        value=value,
        format=FORMATS.get((version, stream.changed_type), "date" if stream.changed_type == "date" else "number"),
        send="date" if stream.changed_type == "date" else None,
        lag=stream.lag,
    )


def _behind(stream: OdataStream, since: str, version: int) -> str:
    """Return FEEL for the condition of all that stands behind an entity, by change and then by key."""
    key = _literal(KeyPart(value="key", type=stream.key_type), version)
    changed = stream.changed
    return f'"({changed} gt " + {since} + " or ({changed} eq " + {since} + " and {stream.key} gt " + {key} + "))"'


def _deleted(stream: OdataStream) -> str:
    if not stream.track_changes:
        return stream.deleted
    removed = 'get value(item, "@removed") != null or get value(item, "@odata.context") != null'
    return f"{removed} or ({stream.deleted})" if stream.deleted else removed


def _operation(operation: OdataOperation, version: int) -> HttpOperation:
    root = f"{below(operation.service)}/{operation.entity_set}"
    entity = f"{root}({_predicate(operation, version)})" if operation.key else ""
    path = operation.path or entity or root
    changes = operation.do != "create"
    etag = changes and operation.etag
    rereads = bool(entity) and (etag or bool(operation.before or operation.after))
    at = ENTITY[version]
    reference = f"{at}.{operation.reference}" if at and operation.reference else operation.reference
    return HttpOperation(
        consequence=operation.consequence,
        leaves_company=operation.leaves_company,
        fields=operation.fields,
        editable=operation.editable,
        recipient=operation.recipient,
        body=operation.body,
        record=operation.record,
        idempotency=operation.idempotency,
        path=path,
        method={"create": "POST", "update": "PATCH", "delete": "DELETE"}[operation.do],  # type: ignore[arg-type]
        json=operation.set,
        probe=_probe(operation, version),
        concurrency="etag-required" if etag else "none",
        reread=_reread(operation, entity, version) if rereads else None,
        reference=reference,
    )


def _probe(operation: OdataOperation, version: int) -> Probe | None:
    if operation.find is None:
        return None
    root = f"{below(operation.service)}/{operation.entity_set}"
    return Probe(path=root, param="$filter", value=operation.find.filter, items=LIST[version])


def _reread(operation: OdataOperation, entity: str, version: int) -> Reread:
    return Reread(
        path=entity, at=ENTITY[version], version=ETAG[version], before=operation.before, after=operation.after
    )


def _predicate(operation: OdataOperation, version: int) -> str:
    """Return the key predicate with a slot for each value, e.g. `ID={...}`."""
    parts = {name: _literal(part, version) for name, part in operation.key.items()}
    if len(parts) == 1:
        return "{" + next(iter(parts.values())) + "}"
    return ",".join(f"{name}={{{literal}}}" for name, literal in parts.items())


def _literal(part: str | KeyPart, version: int) -> str:
    """Return FEEL for a literal of the key's type (OData URL conventions, 4.3.1): quotes in strings are doubled."""
    value, kind = (part, "string") if isinstance(part, str) else (part.value, part.type)
    if kind == "string":
        return f'"\'" + replace(string({value}), "\'", "\'\'") + "\'"'
    before, after = LITERALS.get((version, kind), ("", ""))
    return f'"{before}" + string({value}) + "{after}"'


def below(service: str) -> str:
    """Return the path of a service below the source's address."""
    return f"/{service.strip('/')}" if service.strip("/") else ""


def text(value: Any) -> str:  # noqa: ANN401  (any text)
    """Return a FEEL text literal."""
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
