"""Bringing a database to the present schema with Alembic."""

from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, text

from engine.store import connect
from engine.store.errors import StoreUnavailable, translated
from engine.store.wire import Wire

if TYPE_CHECKING:  # imported where it is used: commands that open no store start without it
    from alembic.config import Config

_LOCK: Final = 0x6F70736C  # "opsl": one migration at a time on PostgreSQL


async def upgrade(url: str) -> str:
    """Create the tables, or bring those of an earlier version to this one, whose name is returned; safe to repeat."""
    wire = connect.wire(connect.parse_url(url))
    try:
        await upgrade_by(wire)
    finally:
        await wire.close()
    return _newest() or ""


async def upgrade_by(wire: Wire, revision: str = "head") -> None:
    """Upgrade through the connection that writes; there is no way back."""
    with translated():
        await wire.do(partial(_upgrade, revision=revision))


async def require_current(wire: Wire) -> None:
    """Raise StoreUnavailable unless the schema is this version's."""
    with translated():
        present = await wire.do(_present)
    wanted = _newest()
    if present != wanted:
        raise StoreUnavailable(f"The tables are of version {present}, not {wanted}; run `opslayer migrate-db`.")


def _newest() -> str | None:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config()).get_current_head()


def _present(connection: Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext

    with connection.begin():
        return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection, revision: str) -> None:
    with connection.begin():
        _bring(connection, revision)


def _bring(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

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


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "engine.store:migrations")
    return config
