"""The rules in force as a journaled input: a changed home folder takes over between two inputs."""

from datetime import datetime

from engine.inference.rulebook import Rulebook
from engine.pipeline import Pipeline
from engine.ports import Entry, Transaction
from engine.rules.fields import kept_fields
from engine.rules.home import Home
from engine.versions import versions

REVISION = "revision"
KEPT = "kept"
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
    """Journal which fields are kept from now on; what is kept for the first time is read again from the start."""
    kept = {f"{type}.{field}" for type, field in kept_fields(home) | rulebook.kept()}
    body = {"fields": sorted(kept)}
    await tx.append(Entry(kind="coverage", recorded_at=now, revision=home.revision, body=body))
    before = await tx.setting(KEPT)
    await tx.set_setting(KEPT, " ".join(sorted(kept)))
    if before is None:
        return
    new = kept - set(before.split())
    for source, mapping in home.mappings.items():
        for stream, entities in mapping.streams.items():
            if any(f"{each.entity}.{name}" in new for each in entities for name in each.fields):
                await tx.set_cursor(source, stream, "")
