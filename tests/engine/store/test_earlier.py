"""A database of each earlier format, filled, comes to the present one with all that it held; there is no way back."""

import asyncio
import secrets

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from engine.store import StoreUnavailable, connect, upgrade
from engine.store.backup import backup
from engine.store.migrate import _config, upgrade_by
from engine.store.restore import restore
from tests.engine.store.conftest import START, named, on_server
from tests.engine.store.test_migrations import differences

EARLIER = sorted(each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions())[:-1]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.db"
        return
    request.getfixturevalue("postgres_template")
    name = f"opslayer_{secrets.token_hex(6)}"
    asyncio.run(on_server(f"CREATE DATABASE {name}"))
    yield named(name)
    asyncio.run(on_server(f"DROP DATABASE {name} WITH (FORCE)"))


async def run(url, *statements, revision=""):
    """Go forward to a revision, then run statements."""

    def work(connection):
        with connection.begin():
            for statement in statements:
                connection.execute(text(statement))

    wire = connect.wire(connect.parse_url(url))
    try:
        if revision:
            await upgrade_by(wire, revision)
        await wire.do(work)
    finally:
        await wire.close()


async def fill(store, revision, make):
    """Write what that format has tables for."""
    async with store.transaction() as tx:
        for number in range(3):
            await tx.append(make.entry(number, person="customer:C1", subjects=("customer:C1",)))
        if revision >= "0002":
            await tx.set_cursor("erp", "invoices", "17")
            await tx.seen("erp", "e1")
            await tx.set_setting("clock", "x")
            await tx.put_decision(make.decision(), 1)
            await tx.put_action(make.action(), None, None)
        if revision >= "0003":
            await tx.remember([(1, "customer:C1", "ahmet yilmaz")])


@pytest.mark.parametrize("revision", EARLIER)
async def test_what_an_earlier_format_held_is_there_after(empty, revision, opener, make, monkeypatch):
    await run(empty, revision=revision)

    async def any_version(_wire):
        """Let the writer at the tables that are there."""

    with monkeypatch.context() as patch:
        patch.setattr("engine.store.migrate.require_current", any_version)
        before = await opener(empty, migrate_first=False)
        await fill(before, revision, make)
    if "0002" <= revision < "0004":
        await run(
            empty, "INSERT INTO verdicts (action, decided_by, digest, at, document) VALUES ('a1', 'ada', 'd', 0, '{}')"
        )
    with pytest.raises(StoreUnavailable, match="opslayer migrate-db"):
        await opener(empty, migrate_first=False)

    await before.disconnect()
    await upgrade(empty)
    assert await differences(empty) == []
    store = await opener(empty, migrate_first=False)
    assert (await store.verify()).problems == ()
    held = await store.entries()
    assert [each.body for each in held] == [{"number": number} for number in range(3)]
    assert {each.recorded_at for each in held} == {START}
    if revision >= "0002":
        assert await store.action("a1") == make.action()
        assert await store.decision("d1") == make.decision()
        assert await store.setting("clock") == "x"
        async with store.transaction() as tx:
            assert (await tx.cursor("erp", "invoices"), await tx.seen("erp", "e1")) == ("17", True)
    await make.fill(store, 2)
    assert (await store.verify()).entries == 5


async def test_tables_of_a_newer_version_are_left_alone_and_told(empty):
    await upgrade(empty)
    await run(empty, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreUnavailable, match="version 9999, which a newer opslayer made") as told:
        await upgrade(empty)
    assert "Nothing was changed" in str(told.value)


@pytest.mark.parametrize("revision", EARLIER)
async def test_a_backup_of_an_earlier_format_is_of_the_present_one_once_restored(
    empty, revision, opener, make, clock, tmp_path, monkeypatch
):
    await run(empty, revision=revision)

    async def any_version(_wire):
        """Let the writer at the tables that are there."""

    with monkeypatch.context() as patch:
        patch.setattr("engine.store.migrate.require_current", any_version)
        before = await opener(empty, migrate_first=False)
        await fill(before, revision, make)
    await before.disconnect()
    made = await backup(empty, tmp_path / "old.opslayer", clock)
    assert made.schema == revision
    await upgrade(empty)
    await restore(empty, tmp_path / "old.opslayer", clock=clock, secret=make.SECRET)
    assert await differences(empty) == []
    store = await opener(empty, migrate_first=False)
    assert [each.body for each in await store.entries()] == [{"number": number} for number in range(3)]
    await make.fill(store, 2)
    assert (await store.verify()).problems == ()
