"""Bringing a database to the present schema with Alembic."""

from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from engine.store.connect import parse_url, writer
from engine.store.errors import StoreUnavailable, translated

_LOCK: Final = 0x6F70736C  # "opsl": one migration at a time on PostgreSQL


async def upgrade(url: str) -> str:
    """Create the tables, or bring those of an earlier version to this one, whose name is returned; safe to repeat."""
    engine = writer(parse_url(url))
    try:
        await upgrade_engine(engine)
    finally:
        await engine.dispose()
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


async def upgrade_engine(engine: AsyncEngine, revision: str = "head") -> None:
    """Upgrade through an engine that is open already; there is no way back."""
    with translated():
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, revision)


async def require_current(engine: AsyncEngine) -> None:
    """Raise StoreUnavailable unless the schema is this version's."""
    with translated():
        async with engine.connect() as connection:
            present = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    if present != wanted:
        raise StoreUnavailable(f"The tables are of version {present}, not {wanted}; run `opslayer migrate-db`.")


def _upgrade(connection: Connection, revision: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = _config()
    present = MigrationContext.configure(connection).get_current_revision()
    known = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}
    if present is not None and present not in known:
        raise StoreUnavailable(
            f"The tables are of version {present}, which a newer opslayer made; start that one, or restore a backup "
            "from before. Nothing was changed."
        )
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "engine.store:migrations")
    return config
