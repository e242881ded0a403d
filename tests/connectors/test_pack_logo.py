"""The Logo packs: REST on a simulator of our own, SQL on SQLite with Logo's tables."""

import sqlite3
from datetime import timedelta

import pytest

from tests.connectors.conformance import (
    NOON,
    Follower,
    LivesThroughFaults,
    ManualClock,
    faulty,
)
from tests.connectors.conformance.simulated import Simulated, pack
from tests.connectors.packs import compiled
from tests.simulators.logo import Logo
from tests.simulators.server import served


class Peer(Simulated):
    stream = "customers"
    change = "set_hold"
    page_size = 25

    def open(self, *, write=False):
        environ = {
            "LOGO_URL": f"{self.proxy.url}/api/v1",
            "LOGO_TOKEN_URL": f"{self.simulator.url}/api/v1/token",
            "LOGO_CLIENT_ID": "me",
            "LOGO_CLIENT_SECRET": "secret",
            "LOGO_USER": "u",
            "LOGO_PASSWORD": "p",
        }
        own = {"limits": self.limits(), "timeout": "PT4S", "write": write}
        self.connector = pack("logo-rest", self.home, environ, self.clock, **own)
        return self

    async def put(self, key, text, at):
        self.simulator.put("Arps", number(key), CODE=key, TITLE=text, AUXIL_CODE5="HOLD" if "somebody" in text else "")

    async def remove(self, key):
        del self.simulator.rows["Arps"][number(key)]

    def text(self, record):
        return record.data["TITLE"]


def number(key):
    return int("".join(letter for letter in key if letter.isdigit()) or sum(map(ord, key)))


@pytest.fixture
async def logo(tmp_path):
    with served(Logo()) as simulator:
        async with faulty(simulator.url) as proxy:
            peer = Peer(simulator, proxy, tmp_path)
            yield peer
            if peer.connector:
                await peer.connector.aclose()


class TestRest(LivesThroughFaults):
    @pytest.fixture
    def peer(self, logo):
        return logo.open()

    async def filled(self, peer):
        for count in range(60):
            await peer.put(f"k{count:03}", "first", NOON)
        return 60

    async def test_every_page_is_read_and_what_is_gone_is_found_by_the_next_whole_read(self, peer):
        await self.filled(peer)
        follower = Follower(peer)
        await follower.sync()
        assert (len(follower.told), follower.pages[-1].complete) == (60, True)
        await peer.remove("k007")
        start = len(follower.pages)
        await follower.sync()
        assert follower.pages[-1].complete
        assert len({each.key for page in follower.pages[start:] for each in page.records}) == 59


class TestRestWriting:
    @pytest.fixture
    def peer(self, logo):
        return logo.open(write=True)

    async def test_a_hold_changes_nothing_else(self, peer):
        await peer.put("k1", "first", NOON)
        receipt = await peer.connector.perform("set_hold", {"customer": 1, "hold": True, "was": False}, "key-1")
        assert receipt.result == "ok"
        assert peer.simulator.rows["Arps"][1] == {
            "INTERNAL_REFERENCE": 1, "CODE": "k1", "TITLE": "first", "AUXIL_CODE5": "HOLD",
        }  # fmt: skip

    async def test_a_hold_that_somebody_set_before_is_a_conflict(self, peer):
        await peer.put("k1", "by somebody", NOON)
        receipt = await peer.connector.perform("set_hold", {"customer": 1, "hold": True, "was": False}, "key-1")
        assert receipt.result == "conflict"


TABLES = """
CREATE TABLE LG_001_CLCARD (LOGICALREF INTEGER PRIMARY KEY, ACTIVE INT, CODE TEXT, DEFINITION_ TEXT, TAXNR TEXT, EMAILADDR TEXT,
 TELNRS1 TEXT, CITY TEXT, COUNTRY TEXT, CCURRENCY INT, SPECODE5 TEXT, CAPIBLOCK_CREADEDDATE DATETIME, CAPIBLOCK_MODIFIEDDATE DATETIME);
CREATE TABLE LG_001_ITEMS (LOGICALREF INTEGER PRIMARY KEY, ACTIVE INT, CODE TEXT, NAME TEXT, STGRPCODE TEXT,
 CAPIBLOCK_CREADEDDATE DATETIME, CAPIBLOCK_MODIFIEDDATE DATETIME);
CREATE TABLE LG_001_01_ORFICHE (LOGICALREF INTEGER PRIMARY KEY, TRCODE INT, FICHENO TEXT, CLIENTREF INT, DATE_ DATETIME, TRCURR INT,
 NETTOTAL REAL, STATUS INT, CANCELLED INT, CAPIBLOCK_CREADEDDATE DATETIME, CAPIBLOCK_MODIFIEDDATE DATETIME);
CREATE TABLE LG_001_01_ORFLINE (LOGICALREF INTEGER PRIMARY KEY, ORDFICHEREF INT, LINETYPE INT, LINENO_ INT, STOCKREF INT, LINEEXP TEXT,
 AMOUNT REAL, SHIPPEDAMOUNT REAL, PRICE REAL, LINENET REAL);
CREATE TABLE LG_001_01_STLINE (LOGICALREF INTEGER PRIMARY KEY, INVOICEREF INT, LINETYPE INT, INVOICELNNO INT, STOCKREF INT, LINEEXP TEXT,
 AMOUNT REAL, PRICE REAL, LINENET REAL);
CREATE TABLE LG_001_01_INVOICE (LOGICALREF INTEGER PRIMARY KEY, TRCODE INT, FICHENO TEXT, CLIENTREF INT, DATE_ DATETIME, TRCURR INT,
 NETTOTAL REAL, CANCELLED INT, CAPIBLOCK_CREADEDDATE DATETIME, CAPIBLOCK_MODIFIEDDATE DATETIME);
"""


class TestSql:
    @pytest.fixture
    def database(self, tmp_path):
        with sqlite3.connect(tmp_path / "logo.db") as connection:
            connection.executescript(TABLES)
        yield connection
        connection.close()

    @pytest.fixture
    async def connector(self, database, tmp_path):
        opened = pack("logo-sql", tmp_path, {"LOGO_DATABASE_URL": "sqlite:///logo.db"}, ManualClock(), write=True)
        yield opened
        await opened.aclose()

    def insert(self, database, ref, code, *, created=NOON, modified=None, hold=""):
        row = (
            ref,
            0,
            code,
            f"{code} A.Ş.",
            "1",
            "",
            "",
            "",
            "TR",
            160,
            hold,
            *(at and at.strftime("%Y-%m-%d %H:%M:%S") for at in (created, modified)),
        )
        database.execute(f"INSERT OR REPLACE INTO LG_001_CLCARD VALUES ({','.join('?' * 13)})", row)
        database.commit()

    async def read(self, connector, stream, cursor):
        told = []
        async for page in connector.read(stream, cursor):
            told += page.records
            cursor = page.cursor
        return told, cursor

    async def test_what_was_never_modified_counts_by_its_creation_and_changes_are_told_alone(self, database, connector):
        self.insert(database, 1, "C1")
        self.insert(database, 2, "C2")
        told, cursor = await self.read(connector, "customers", "")
        assert [each.data["CODE"] for each in told] == ["C1", "C2"]
        self.insert(database, 1, "C1 changed", modified=NOON + timedelta(minutes=5))
        told, cursor = await self.read(connector, "customers", cursor)
        assert [each.data["CODE"] for each in told] == ["C1 changed"]

    async def test_a_scan_a_day_finds_what_was_deleted(self, database, tmp_path):
        clock = ManualClock()
        connector = pack("logo-sql", tmp_path, {"LOGO_DATABASE_URL": "sqlite:///logo.db"}, clock)
        for ref in (1, 2):
            self.insert(database, ref, f"C{ref}")
        _, cursor = await self.read(connector, "customers", "")
        database.execute("DELETE FROM LG_001_CLCARD WHERE LOGICALREF = 1")
        database.commit()
        clock.advance(days=1)
        pages = [page async for page in connector.read("customers", cursor)]
        await connector.aclose()
        assert pages[-1].complete
        assert {each.key for page in pages for each in page.records} == {"2"}

    @pytest.mark.parametrize("stream", ["items", "orders", "invoices"])
    async def test_every_stream_is_there(self, connector, stream):
        assert (await self.read(connector, stream, ""))[0] == []

    async def test_an_order_comes_with_its_lines_and_without_its_discounts(self, database, connector):
        database.execute(
            "INSERT INTO LG_001_01_ORFICHE VALUES (7, 1, 'O1', 3, '2026-03-01', 20, 25, 4, 0, '2026-03-01 10:00:00', NULL)"
        )
        for ref, kind, number in ((71, 0, 2), (72, 2, 3), (73, 0, 1)):
            database.execute(
                f"INSERT INTO LG_001_01_ORFLINE VALUES ({ref}, 7, {kind}, {number}, 9, 'Bolt', 10, 4, 2.5, 25)"
            )
        database.commit()
        ((record,), _) = await self.read(connector, "orders", "")
        order, *lines = compiled("logo-sql").map(record)
        assert [each.event.record for each in lines] == ["logo-sql/orders/7#[73]", "logo-sql/orders/7#[71]"]
        told = lines[0].event.fields
        assert (told["order"], told["product"]) == (order.event.record, "logo-sql/items/9")
        assert (told["quantity"], told["delivered"], str(told["unit_price"])) == (10, 4, "2.5 EUR")

    async def test_an_invoice_comes_with_its_lines(self, database, connector):
        database.execute(
            "INSERT INTO LG_001_01_INVOICE VALUES (5, 8, 'F1', 3, '2026-03-01', 20, 25, 0, '2026-03-01 10:00:00', NULL)"
        )
        database.execute("INSERT INTO LG_001_01_STLINE VALUES (51, 5, 0, 1, 9, 'Bolt', 10, 2.5, 25)")
        database.execute("INSERT INTO LG_001_01_STLINE VALUES (52, 6, 0, 1, 9, 'of another', 10, 2.5, 25)")
        database.commit()
        ((record,), _) = await self.read(connector, "invoices", "")
        invoice, line = compiled("logo-sql").map(record)
        told = line.event.fields
        assert (line.event.entity, told["invoice"]) == ("invoice_line", invoice.event.record)
        assert (told["quantity"], str(told["unit_price"]), str(told["amount"])) == (10, "2.5 EUR", "25.0 EUR")

    async def test_a_hold_is_set_where_it_was_as_approved(self, database, connector):
        self.insert(database, 1, "C1")
        payload = {"customer": "C1", "hold": True, "was": False}
        assert (await connector.perform("set_hold", payload, "key-1")).result == "ok"
        assert database.execute("SELECT SPECODE5 FROM LG_001_CLCARD").fetchall() == [("HOLD",)]
        assert (await connector.perform("set_hold", payload, "key-2")).result in {"conflict", "ok"}
