import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import (
    Column,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    create_engine,
    delete,
    select,
    text,
)
from sqlalchemy.dialects.mysql import DATETIME
from sqlalchemy.dialects.mysql import insert as maria_insert
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from connectors.registry import open_connector
from connectors.settings import Surroundings
from engine.ports import Connector, SourceDown
from engine.source import ConfigError
from tests.connectors.conformance import (
    NOON,
    Follower,
    ManualClock,
    ReadsChanges,
    ReadsDeletes,
    ReadsEverything,
    ScansForDeletes,
)
from tests.connectors.peers import absent

MARIADB = "mariadb+asyncmy://root@127.0.0.1:3306/opslayer_test"
POSTGRES = "postgresql+asyncpg://postgres@127.0.0.1:5432/test"
TABLE = f"opslayer items {os.getpid()}"
STREAM = {
    "table": TABLE,
    "key": "item id",
    "cursor": "changed",
    "fields": ["text", "amount"],
    "deleted": 'text = "gone"',
    "page_size": 4,
}


CUT_AT_COMMIT = (
    f"""create or replace function opslayer_cut_{os.getpid()}() returns trigger language plpgsql as
    'begin perform pg_terminate_backend(pg_backend_pid()); return null; end'""",
    f"""create constraint trigger cut after update on "{TABLE}" deferrable initially deferred
    for each row execute function opslayer_cut_{os.getpid()}()""",
)


def things():
    return Table(
        TABLE,
        MetaData(),
        Column("item id", String(80), primary_key=True),
        Column("text", Text),
        Column("amount", Numeric(12, 2)),
        Column("changed", DateTime(timezone=True).with_variant(DATETIME(fsp=6), "mysql", "mariadb")),
    )


@dataclass
class SqlPeer:
    engine: object
    url: str
    home: Path
    clock: ManualClock
    table: Table
    connector: Connector | None = None
    stream: str = "items"
    page_size: int = 4
    scan: bool = False

    def open(self, write=False, operations=None, timeout="PT60S", **stream):
        settings = {
            "connector": "sql",
            "url": self.url,
            "write": write,
            "timeout": timeout,
            "timezone": "UTC" if self.url == MARIADB else "",
            "streams": {"items": {**STREAM, **stream}},
            "operations": operations or {},
        }
        return open_connector("erp", settings, Surroundings(self.home, self.clock))

    async def put(self, key, text, at):
        row = {"item id": key, "text": text, "amount": Decimal("10.50"), "changed": at}
        if self.url == MARIADB:  # its DATETIME knows no zone
            row["changed"] = at.astimezone(UTC).replace(tzinfo=None)
            statement = maria_insert(self.table).values(row).on_duplicate_key_update(row)
        else:
            insert = sqlite_insert if self.url.startswith("sqlite") else postgres_insert
            statement = insert(self.table).values(row).on_conflict_do_update(index_elements=["item id"], set_=row)
        async with self.engine.begin() as connection:
            await connection.execute(statement)

    async def remove(self, key):
        if self.scan:
            async with self.engine.begin() as connection:
                await connection.execute(delete(self.table).where(self.table.c["item id"] == key))
        else:
            await self.put(key, "gone", NOON + timedelta(minutes=1))

    async def cut(self):
        """End every other connection to the database's server that this process has."""
        others = "select pg_terminate_backend(pid) from pg_stat_activity where pid != pg_backend_pid()"
        async with self.engine.connect() as connection:
            await connection.execute(text(f"{others} and query like '%{TABLE}%'"))

    async def row(self, key):
        async with self.engine.connect() as connection:
            return (await connection.execute(select(self.table).where(self.table.c["item id"] == key))).mappings().one()

    def text(self, record):
        return record.data["text"]


@asynccontextmanager
async def running(url, source_url, home):
    engine = create_async_engine(url, poolclass=NullPool)
    table = things()
    try:
        async with engine.begin() as connection:
            await connection.run_sync(table.metadata.drop_all)
            await connection.run_sync(table.metadata.create_all)
    except OSError as error:
        pytest.skip(f"no PostgreSQL: {error}")
    peer = SqlPeer(engine, source_url, home, ManualClock(), table)
    yield peer
    if peer.connector:
        await peer.connector.aclose()
    async with engine.begin() as connection:
        await connection.run_sync(table.metadata.drop_all)
        if url == POSTGRES:
            await connection.execute(text(f"drop function if exists opslayer_cut_{os.getpid()}"))
    await engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request, tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path}/erp.db" if request.param == "sqlite" else POSTGRES
    async with running(url, "sqlite:///erp.db" if request.param == "sqlite" else POSTGRES, tmp_path) as peer:
        yield peer


@pytest.fixture
async def mariadb(tmp_path):
    if find_spec("asyncmy") is None:
        absent("mariadb", "no driver for MariaDB: pip install asyncmy")
    server = create_async_engine(MARIADB.rpartition("/")[0], poolclass=NullPool)
    try:
        async with server.begin() as connection:
            await connection.execute(text("CREATE DATABASE IF NOT EXISTS opslayer_test"))
    except OperationalError as error:
        absent("mariadb", f"no MariaDB: {error.orig}")
    finally:
        await server.dispose()
    async with running(MARIADB, MARIADB, tmp_path) as peer:
        yield peer


@pytest.fixture
async def sqlite(tmp_path):
    async with running(f"sqlite+aiosqlite:///{tmp_path}/erp.db", "sqlite:///erp.db", tmp_path) as peer:
        yield peer


class TestByCursor(ReadsEverything, ReadsChanges, ReadsDeletes):
    @pytest.fixture
    def peer(self, database):
        database.connector = database.open()
        return database


class TestFaults:
    @pytest.fixture
    async def postgres(self, tmp_path):
        async with running(POSTGRES, POSTGRES, tmp_path) as peer:
            for number in range(10):
                await peer.put(f"k{number}", "first", NOON)
            peer.connector = peer.open(write=True, operations=HOLD)
            yield peer

    async def test_a_connection_cut_between_pages_is_survived(self, postgres):
        follower = Follower(postgres)
        await follower.sync(most_pages=1)
        await postgres.cut()
        await follower.sync()
        assert len(follower.state()) == 10
        assert follower.doubles() == []

    async def test_a_database_that_hangs_is_a_source_down_and_nothing_is_lost(self, postgres):
        follower = Follower(postgres)
        await follower.sync(most_pages=1)
        patient, postgres.connector = postgres.connector, postgres.open(timeout="PT3S")
        async with postgres.engine.begin() as connection:
            await connection.execute(text(f'lock table "{TABLE}" in access exclusive mode'))
            with pytest.raises(SourceDown, match="erp: no answer within 3 s"):
                await follower.sync()
        await postgres.connector.aclose()
        postgres.connector = patient
        await follower.sync()
        assert len(follower.state()) == 10
        assert follower.doubles() == []

    async def test_a_connection_cut_while_committing_is_uncertain_and_the_probe_knows(self, postgres):
        async with postgres.engine.begin() as connection:
            for statement in CUT_AT_COMMIT:
                await connection.execute(text(statement))
        payload = {**PAYLOAD, "item": "k0", "was": "first"}
        assert (await postgres.connector.perform("hold", payload, "key-1")).result == "uncertain"
        assert await postgres.connector.probe("hold", payload, "key-1") is None
        assert (await postgres.row("k0"))["text"] == "first"

    async def test_what_the_database_refuses_is_rejected_in_its_words(self, postgres):
        async with postgres.engine.begin() as connection:
            await connection.execute(text(f'alter table "{TABLE}" add constraint "no holds" check (amount > 9)'))
        receipt = await postgres.connector.perform("hold", {**PAYLOAD, "item": "k0", "was": "first"}, "key-1")
        assert receipt.result == "rejected"
        assert "no holds" in receipt.detail


class TestByFullScan(ReadsEverything, ScansForDeletes):
    @pytest.fixture
    def peer(self, database):
        database.scan = True
        database.connector = database.open(cursor=[])
        return database


async def test_values_are_feel_values(database):
    await database.put("a", "Öz", NOON)
    database.connector = database.open(fields=[])
    follower = Follower(database)
    await follower.sync()
    (record,) = follower.told
    assert record.data == {"item id": "a", "text": "Öz", "amount": Decimal("10.50"), "changed": NOON}
    assert record.valid_at == NOON
    assert record.origin == f"erp:{TABLE}"


async def test_the_reader_cannot_write(database):
    database.connector = database.open()
    with pytest.raises(Exception, match=r"read.?only"):
        await database.connector._reader.run(lambda each: each.execute(text(f'delete from "{TABLE}"')))


async def test_a_row_that_leaves_where_is_told_as_deleted(database):
    database.connector = database.open(deleted="", where='text != "closed"')
    await database.put("a", "open", NOON)
    await database.put("b", "closed", NOON)
    follower = Follower(database)
    assert await follower.sync() == [("a", "open")]
    await database.put("a", "closed", NOON + timedelta(minutes=1))
    await follower.sync()
    assert follower.state() == {}


async def test_only_is_asked_of_the_database(database):
    database.connector = database.open(only={"text": ["one", "two"]})
    for word in ("one", "two", "three"):
        await database.put(word, word, NOON)
    assert sorted(await Follower(database).sync()) == [("one", "one"), ("two", "two")]


async def test_a_row_without_cursor_value_is_reported_not_lost(database):
    database.connector = database.open()
    await database.put("a", "never changed", None)
    follower = Follower(database)
    await follower.sync()
    assert [(each.key, each.problem.code) for each in follower.rejected] == [("a", "null-cursor")]


async def test_the_first_cursor_column_that_is_not_null_counts(sqlite):
    database = sqlite
    async with database.engine.begin() as connection:
        await connection.execute(text(f'alter table "{TABLE}" add column created timestamp'))
    database.connector = database.open(cursor=["changed", "created"])
    await database.put("a", "never changed", None)
    async with database.engine.begin() as connection:
        await connection.execute(text(f"update \"{TABLE}\" set created = '2026-03-02 12:00:00.000000'"))
    follower = Follower(database)
    assert await follower.sync() == [("a", "never changed")]
    assert follower.rejected == []


async def test_a_scan_beside_the_cursor_finds_deleted_rows(database):
    database.scan = True
    database.connector = database.open(scan="P1D")
    await database.put("a", "first", NOON)
    await database.put("b", "first", NOON)
    follower = Follower(database)
    await follower.sync()
    assert follower.pages[-1].complete
    await database.remove("a")
    await follower.sync()
    assert not follower.pages[-1].complete
    database.clock.advance(days=1)
    assert await follower.sync() == [("b", "first")]
    assert follower.pages[-1].complete


async def test_an_unknown_column_says_which_there_are(database):
    database.connector = database.open(fields=["txet"])
    with pytest.raises(SourceDown, match="has no column txet"):
        await Follower(database).sync()


async def test_a_missing_table_or_database_is_a_source_down(tmp_path, database):
    database.connector = database.open(table="nowhere")
    with pytest.raises(SourceDown, match="no table nowhere"):
        await Follower(database).sync()
    await database.connector.aclose()
    database.url = "sqlite:///missing.db"
    database.connector = database.open()
    with pytest.raises(SourceDown, match="unable to open"):
        await Follower(database).sync()


async def test_a_database_that_refuses_is_a_source_down(tmp_path):
    settings = {"connector": "sql", "url": "postgresql://nobody@127.0.0.1:9/none", "streams": {"items": STREAM}}
    connector = open_connector("erp", settings, Surroundings(tmp_path, ManualClock()))
    with pytest.raises(SourceDown, match="erp: "):
        await anext(connector.read("items", ""))
    await connector.aclose()


def test_every_bad_setting_is_reported_with_its_path(tmp_path):
    settings = {
        "connector": "sql",
        "url": "sqlite:///erp.db",
        "streams": {"a": {"tabel": "T", "key": "K"}, "b": {"table": "T", "key": "K", "lag": "soon"}},
    }
    with pytest.raises(ConfigError) as caught:
        open_connector("erp", settings, Surroundings(tmp_path, ManualClock()))
    told = [(each.code, str(each.place)) for each in caught.value.problems]
    assert told == [
        ("unknown-key", "sources.erp.streams.a.tabel"),
        ("missing-key", "sources.erp.streams.a"),
        ("wrong-type", "sources.erp.streams.b.lag"),
    ]


def test_every_bad_expression_is_reported_with_its_path(tmp_path):
    settings = {
        "connector": "sql",
        "url": "sqlite:///erp.db",
        "streams": {name: {"table": "T", "key": "K", "fields": ["K"], "where": "K >"} for name in ("a", "b")},
    }
    with pytest.raises(ConfigError) as caught:
        open_connector("erp", settings, Surroundings(tmp_path, ManualClock()))
    assert [str(each.place) for each in caught.value.problems] == [
        "sources.erp.streams.a.where",
        "sources.erp.streams.b.where",
    ]


def test_a_blocking_driver_gets_a_thread(tmp_path):
    from connectors.sql.database import AsyncDatabase, ThreadDatabase, open_database

    assert isinstance(open_database("sqlite:///erp.db", tmp_path), AsyncDatabase)
    assert isinstance(open_database("sqlite+pysqlite:///erp.db", tmp_path), ThreadDatabase)


async def test_a_thread_reads_the_same(sqlite):
    sqlite.url = "sqlite+pysqlite:///erp.db"
    sqlite.connector = sqlite.open()
    await sqlite.put("a", "first", NOON)
    assert await Follower(sqlite).sync() == [("a", "first")]


async def test_dates_as_cursor_are_read_again_for_their_whole_day(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/erp.db")
    with engine.begin() as connection:
        connection.execute(text("create table t (id integer primary key, day date, text text)"))
        connection.execute(text("insert into t values (2, '2026-03-02', 'morning'), (9, '2026-03-01', 'x')"))
    settings = {
        "connector": "sql",
        "url": "sqlite:///erp.db",
        "streams": {"t": {"table": "t", "key": "id", "cursor": "day"}},
    }
    connector = open_connector("erp", settings, Surroundings(tmp_path, ManualClock()))
    cursor = (await anext(connector.read("t", ""))).cursor
    with engine.begin() as connection:
        connection.execute(text("insert into t values (1, '2026-03-02', 'evening')"))
    page = await anext(connector.read("t", cursor))
    assert [(each.key, each.data["day"], each.valid_at) for each in page.records] == [
        ("1", date(2026, 3, 2), datetime(2026, 3, 2, tzinfo=UTC))
    ]
    await connector.aclose()
    engine.dispose()


HOLD = {
    "hold": {
        "table": TABLE,
        "set": {"text": "status", "amount": "limit"},
        "where": {"item id": "item"},
        "match": {"text": "was"},
        "fields": {"item": True, "status": True, "limit": True, "was": True},
    }
}
PAYLOAD = {"item": "a", "status": "held", "limit": 7, "was": "open"}


class TestWriting:
    @pytest.fixture
    async def erp(self, database):
        await database.put("a", "open", NOON)
        await database.put("b", "open", NOON)
        database.connector = database.open(write=True, operations=HOLD)
        return database

    async def test_an_update_touches_its_row_alone(self, erp):
        receipt = await erp.connector.perform("erp.hold", PAYLOAD, "key-1")
        assert (receipt.result, receipt.reference) == ("ok", f"{TABLE}/a")
        assert [(await erp.row(key))["text"] for key in "ab"] == ["held", "open"]

    async def test_the_same_update_again_is_ok(self, erp):
        await erp.connector.perform("hold", PAYLOAD, "key-1")
        assert (await erp.connector.perform("hold", PAYLOAD, "key-1")).result == "ok"

    async def test_a_stale_write_is_a_conflict(self, erp):
        await erp.put("a", "disputed", NOON)
        assert (await erp.connector.perform("hold", PAYLOAD, "key-1")).result == "conflict"
        assert (await erp.row("a"))["text"] == "disputed"

    async def test_a_missing_row_is_rejected(self, erp):
        receipt = await erp.connector.perform("hold", {**PAYLOAD, "item": "nobody"}, "key-1")
        assert (receipt.result, receipt.detail) == ("rejected", f"there is no row {TABLE}/nobody")

    async def test_a_probe_finds_out_whether_it_happened(self, erp):
        assert await erp.connector.probe("hold", PAYLOAD, "key-1") is None
        await erp.connector.perform("hold", PAYLOAD, "key-1")
        assert (await erp.connector.probe("hold", PAYLOAD, "key-1")).result == "ok"

    async def test_an_unknown_operation_is_rejected(self, erp):
        receipt = await erp.connector.perform("erp.delete", PAYLOAD, "key-1")
        assert (receipt.result, receipt.detail) == ("rejected", "erp has no operation delete")

    async def test_more_rows_than_declared_change_nothing(self, database):
        everything = {**HOLD["hold"], "where": {"text": "was"}, "match": {}}
        await database.put("a", "open", NOON)
        await database.put("b", "open", NOON)
        database.connector = database.open(write=True, operations={"hold": everything})
        assert (await database.connector.perform("hold", PAYLOAD, "key-1")).result == "rejected"
        assert [(await database.row(key))["text"] for key in "ab"] == ["open", "open"]

    async def test_without_write_true_it_is_refused(self, database):
        await database.put("a", "open", NOON)
        database.connector = database.open(operations=HOLD)
        receipt = await database.connector.perform("hold", PAYLOAD, "key-1")
        assert (receipt.result, receipt.detail) == ("rejected", "erp is read only; set `write: true` to allow writing")

    async def test_a_write_that_waits_for_a_lock_is_not_taken_for_done(self, erp):
        await erp.connector.aclose()
        erp.connector = erp.open(write=True, operations=HOLD, timeout="PT1S")
        async with erp.engine.connect() as connection:
            await connection.execute(erp.table.update().values(text="locked"))
            receipt = await erp.connector.perform("hold", PAYLOAD, "key-1")
        assert receipt.result in {"unavailable", "uncertain"}
        assert (await erp.row("a"))["text"] == "open"


class TestRows:
    """Lists from a table of their own."""

    LINES = f"{TABLE} lines"
    ROWS = {"lines": {"table": LINES, "match": {"item": "item id"}, "order": "no", "only": {"void": 0}}}  # noqa: RUF012

    @pytest.fixture
    async def lines(self, database):
        columns = [
            Column("item", Text),
            Column("no", Integer),
            Column("price", Numeric(12, 2)),
            Column("void", Integer),
        ]
        table = Table(self.LINES, database.table.metadata, *columns)
        async with database.engine.begin() as connection:
            await connection.run_sync(table.create)
        return table

    async def put(self, database, lines, *rows):
        async with database.engine.begin() as connection:
            for row in rows:
                await connection.execute(
                    lines.insert().values(dict(zip(("item", "no", "price", "void"), row, strict=True)))
                )

    async def test_each_row_comes_with_its_lists(self, database, lines):
        for key in "abcdef":  # two pages
            await database.put(key, "first", NOON)
        await self.put(database, lines, ("a", 2, "2.50", 0), ("a", 1, "1", 0), ("a", 3, "1", 1), ("f", 1, "9", 0))
        database.connector = database.open(rows=self.ROWS)
        follower = Follower(database)
        await follower.sync()
        told = {record.key: record.data["lines"] for record in follower.told}
        assert [(each["no"], each["price"]) for each in told["a"]] == [(1, 1), (2, Decimal("2.5"))]
        assert (told["b"], len(told["f"])) == ([], 1)
        assert len((await database.connector.fetch("items", "a")).data["lines"]) == 2

    async def test_a_row_is_told_again_when_it_changes_with_its_list(self, database, lines):
        await database.put("a", "first", NOON)
        database.connector = database.open(rows=self.ROWS)
        follower = Follower(database)
        await follower.sync()
        await self.put(database, lines, ("a", 1, "1", 0))
        await database.put("a", "first", NOON + timedelta(seconds=1))
        await follower.sync()
        assert len(follower.told[-1].data["lines"]) == 1

    async def test_a_list_that_is_not_there_is_told_with_what_is(self, database, lines):
        database.connector = database.open(rows={"lines": {**self.ROWS["lines"], "match": {"order": "item id"}}})
        with pytest.raises(SourceDown, match="has no column order"):
            await Follower(database).sync()


class TestMariaDb(ReadsEverything, ReadsChanges, ReadsDeletes):
    @pytest.fixture
    def peer(self, mariadb):
        mariadb.connector = mariadb.open()
        return mariadb

    async def test_nothing_can_be_written_through_the_reader(self, peer):
        await peer.put("a", "first", NOON)
        with pytest.raises(OperationalError, match="READ ONLY"):
            await peer.connector._reader.run(lambda each: each.execute(delete(peer.table)))


class TestMariaDbScans(ReadsEverything, ScansForDeletes):
    @pytest.fixture
    def peer(self, mariadb):
        mariadb.scan = True
        mariadb.connector = mariadb.open(cursor=(), deleted="")
        return mariadb
