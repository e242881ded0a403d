"""Looking at one source from outside: what its credentials can do, what it has, what its records become."""

import os
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec

from api.opening import open_sources
from connectors.discovery import first_page
from connectors.http.auth import OAuth2Settings
from connectors.http.consent import consent
from engine.mapping import compile_mapping
from engine.ports import Clock, Connector, Operation, SourceDown
from engine.rules import Home, load_home
from engine.settings.values import resolved
from engine.source.problem import Problem


class Tried(msgspec.Struct, frozen=True):
    """One thing that was tried; `proved` is null where trying would have changed something."""

    what: str
    proved: bool | None
    detail: str
    seconds: float = 0.0


class Sampled(msgspec.Struct, frozen=True):
    """One record, and what the mapping makes of it."""

    key: str
    data: Mapping[str, Any]
    becomes: tuple[str, ...]


class Opened(msgspec.Struct, frozen=True):
    """One source of a home, opened."""

    home: Home
    name: str
    connector: Connector


@asynccontextmanager
async def open_source(folder: Path, name: str, clock: Clock) -> AsyncIterator[Opened]:
    """Open one source without the database; raises KeyError for an unknown one, SourceDown, ConfigError."""
    home = load_home(folder)
    alone = msgspec.structs.replace(home.sources, sources={name: home.sources.sources[name]})
    connectors, down = open_sources(folder, replace(home, sources=alone), clock)
    if name in down:
        raise SourceDown(f"{name}: {down[name]}")
    try:
        yield Opened(home, name, connectors[name])
    finally:
        await connectors[name].aclose()


async def check_source(opened: Opened) -> Sequence[Tried]:
    """Read the first page of every stream and look up every write by a key that nobody has; nothing is written."""
    source = opened.home.sources.sources[opened.name]
    reads = [await _reads(opened.connector, stream) for stream in opened.connector.streams]
    operations = opened.connector.operations.items()
    writes = [await _writes(opened.connector, name, each, allowed=source.write) for name, each in operations]
    return [*reads, *writes]


async def _reads(connector: Connector, stream: str) -> Tried:
    start = time.perf_counter()
    try:
        page = await first_page(connector, stream)
    except SourceDown as down:
        return Tried(f"read {stream}", False, str(down), time.perf_counter() - start)
    detail = f"{len(page.records)} records on the first page"
    if page.rejected:
        detail += f", {len(page.rejected)} unusable: {page.rejected[0].problem.message}"
    return Tried(f"read {stream}", not page.rejected, detail, time.perf_counter() - start)


async def _writes(connector: Connector, name: str, operation: Operation, *, allowed: bool) -> Tried:
    if not allowed:
        return Tried(f"write {name}", None, "closed: the source does not say `write: true`")
    if operation.idempotency != "probe":
        return Tried(f"write {name}", None, "open; nothing is written to find out whether the system lets us")
    start = time.perf_counter()
    try:
        known = await connector.probe(name, {}, f"opslayer-check-{uuid4()}")
    except SourceDown as down:
        return Tried(f"write {name}", False, f"its look-up does not work: {down}", time.perf_counter() - start)
    detail = "open; a write can be looked up by our key" if known is None else "its look-up finds what nobody wrote"
    return Tried(f"write {name}", known is None, detail, time.perf_counter() - start)


async def sample(opened: Opened, stream: str, limit: int) -> Sequence[Sampled]:
    """Return the first records of a stream and what they become; raises SourceDown."""
    page = await first_page(opened.connector, stream)
    home, mapping = opened.home, opened.home.mappings.get(opened.name)
    mapper = None
    if mapping is not None:
        zone = ZoneInfo(home.app.timezone)
        source = home.sources.sources[opened.name]
        mapper = compile_mapping(
            mapping, home.model, source, zone=zone, currency=home.app.currency, functions=home.functions
        )
    found = []
    for record in page.records[:limit]:
        mapped = mapper.map(record) if mapper else ()
        becomes = (mapped.message,) if isinstance(mapped, Problem) else tuple(_said(each.event) for each in mapped)
        found.append(Sampled(record.key, record.data, becomes))
    return found


async def sign_in(folder: Path, name: str, tell: Callable[[str], None], port: int, seconds: int) -> Path:
    """Wait for a person's consent to what a source reads, and keep what it gives; raises SourceDown."""
    auth = resolved(load_home(folder).sources.sources[name].options, os.environ).get("auth") or {}
    try:
        settings = msgspec.convert(auth.get("oauth2"), OAuth2Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SourceDown(f"{name}: its `auth` has no `oauth2` that anybody could agree to: {error}") from error
    return await consent(name, settings, folder, tell, port=port, patience=seconds)


def _said(event: Any) -> str:  # noqa: ANN401  (a ChangeEvent)
    fields = ", ".join(f"{name}: {value}" for name, value in event.fields.items() if value is not None)
    return f"{event.entity} {event.id} ({fields})"
