"""The rules in force as a journaled input: a changed home folder takes over between two inputs."""

from engine.inference.rulebook import Rulebook
from engine.pipeline import Pipeline
from engine.ports import Entry
from engine.rules.home import Home

REVISION = "revision"


async def enforce(pipeline: Pipeline, home: Home, rulebook: Rulebook) -> None:
    """Let a home take over when it is another than the one in force; what the change itself causes is acted on."""
    async with pipeline.transaction() as tx:
        now = pipeline.held.now()
        if await tx.setting(REVISION) == home.revision:
            return
        await tx.set_setting(REVISION, home.revision)
        body = {"files": dict(home.texts)}
        seq = await tx.append(Entry(kind="bundle", recorded_at=now, revision=home.revision, body=body))
        kept = sorted(f"{type}.{field}" for type, field in rulebook.kept())
        await tx.append(Entry(kind="coverage", recorded_at=now, revision=home.revision, body={"fields": kept}))
        await pipeline.adopt(tx, rulebook, seq)
