"""The rules in force as a journaled input: a changed home folder takes over between two inputs."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec

from engine.canonical import digest
from engine.inference.rulebook import Rulebook
from engine.mapping.structs import EntityMapping
from engine.pipeline import Pipeline
from engine.ports import Entry, Transaction
from engine.rules.fields import kept_fields
from engine.rules.home import Home
from engine.source.expression import Expression
from engine.versions import versions

REVISION = "revision"
KEPT = "kept"
MAPPED = "mapped"
VERSIONS = "versions"


async def enforce(pipeline: Pipeline, home: Home, rulebook: Rulebook) -> None:
    """Let a home take over when it is another than the one in force; what the change itself causes is acted on."""
    async with pipeline.transaction() as tx:
        now = pipeline.held.now()
        parts = dict(versions())
        if await tx.setting(REVISION) == home.revision:
            await _note(tx, parts, now)
            return
        await tx.set_setting(REVISION, home.revision)
        await tx.set_setting(VERSIONS, _told(parts))
        body = {"files": dict(home.texts), "versions": parts}
        seq = await tx.append(Entry(kind="bundle", recorded_at=now, revision=home.revision, body=body))
        await cover(tx, home, rulebook, now)
        await pipeline.adopt(tx, rulebook, seq)


async def _note(tx: Transaction, parts: dict[str, str], now: datetime) -> None:
    """Journal that another version of the engine, the zones or the holidays decides from here on."""
    if await tx.setting(VERSIONS) != _told(parts):
        await tx.set_setting(VERSIONS, _told(parts))
        await tx.append(Entry(kind="note", recorded_at=now, actor="opslayer", body={"versions": parts}))


def _told(parts: dict[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in parts.items())


async def cover(tx: Transaction, home: Home, rulebook: Rulebook, now: datetime) -> None:
    """Journal which fields are kept from now on.

    What is kept for the first time, or is mapped in another way than before, is read again from the start: most of a
    record is not kept, so what it says in the new way only its system can tell.
    """
    kept = {f"{type}.{field}" for type, field in kept_fields(home) | rulebook.kept()}
    body = {"fields": sorted(kept)}
    await tx.append(Entry(kind="coverage", recorded_at=now, revision=home.revision, body=body))
    before = await tx.setting(KEPT)
    await tx.set_setting(KEPT, " ".join(sorted(kept)))
    mapped = {
        f"{source}/{stream}": digest(_meaning(entities, kept))
        for source, mapping in home.mappings.items()
        for stream, entities in mapping.streams.items()
    }
    told = await tx.setting(MAPPED)
    await tx.set_setting(MAPPED, msgspec.json.encode(mapped, order="deterministic").decode())
    if before is None:
        return
    new = kept - set(before.split())
    was: dict[str, str] = msgspec.json.decode(told) if told else {}
    for source, mapping in home.mappings.items():
        for stream, entities in mapping.streams.items():
            address = f"{source}/{stream}"
            another = was.get(address, mapped[address]) != mapped[address]
            if another or any(f"{each.entity}.{name}" in new for each in entities for name in each.fields):
                await tx.set_cursor(source, stream, "")
                await tx.forget_seen(source, stream)


def _meaning(entities: Sequence[EntityMapping], kept: Collection[str]) -> list[Any]:
    """Return what a stream's mapping says, as far as it is kept: its expressions, and not where or how they stand."""
    return [
        {
            **{name: _text(getattr(each, name)) for name in each.__struct_fields__ if name not in {"fields", "place"}},
            "fields": {
                name: {part: _text(getattr(field, part)) for part in field.__struct_fields__ if part != "place"}
                for name, field in each.fields.items()
                if f"{each.entity}.{name}" in kept
            },
        }
        for each in entities
    ]


def _text(value: Any) -> Any:  # noqa: ANN401  (what a mapping states)
    if isinstance(value, dict):
        return {name: _text(each) for name, each in value.items()}
    return value.text if isinstance(value, Expression) else value
