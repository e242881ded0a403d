import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.registry import open_connector
from connectors.settings import Surroundings
from engine.ports import Connector, SourceDown
from tests.connectors.conformance import Follower, ManualClock, ReadsEverything, ScansForDeletes

HEADER = "id,text\n"


@dataclass
class FilePeer:
    home: Path
    clock: ManualClock = field(default_factory=ManualClock)
    settings: dict = field(default_factory=dict)
    stream: str = "items"
    page_size: int = 4
    connector: Connector | None = None

    def open(self, **stream):
        settings = {"format": "csv", "key": "id", "page_size": 4, **stream}
        source = {"connector": "files", "path": "items.csv", "streams": {"items": settings}}
        self.connector = open_connector("ledger", source, Surroundings(self.home, self.clock))
        return self

    @property
    def path(self):
        return self.home / "items.csv"

    def write(self, content):
        self.path.write_bytes(content.encode() if isinstance(content, str) else content)

    def append(self, content):
        with self.path.open("ab") as file:
            file.write(content.encode() if isinstance(content, str) else content)

    async def put(self, key, text, _at):
        self.append(f"{key},{text}\n")

    async def remove(self, key):
        kept = [line for line in self.path.read_text().splitlines() if not line.startswith(f"{key},")]
        self.write("\n".join(kept) + "\n")

    def text(self, record):
        return record.data["text"]


@pytest.fixture
def file(tmp_path):
    peer = FilePeer(tmp_path)
    peer.write(HEADER)
    return peer


def faults(follower):
    return [(str(each.problem.place).removesuffix(":1"), each.problem.code, each.raw) for each in follower.rejected]


class TestGrowing(ReadsEverything):
    @pytest.fixture
    def peer(self, file):
        return file.open()

    async def test_only_what_was_appended_is_told(self, peer):
        await peer.put("a", "first", None)
        follower = Follower(peer)
        await follower.sync()
        await peer.put("b", "first", None)
        assert await follower.sync() == [("b", "first")]
        assert follower.told[-1].origin == "items.csv:3"
        assert await follower.sync() == []

    async def test_a_new_process_goes_on_where_the_cursor_says(self, peer):
        for key in "abcdef":
            await peer.put(key, "first", None)
        follower = Follower(peer)
        await follower.sync(most_pages=1)
        peer.open()
        await peer.put("g", "first", None)
        await peer.put("a", "again", None)
        assert [key for key, _ in await follower.sync()] == ["e", "f", "g"]
        assert faults(follower) == [("items.csv:9", "duplicate-key", "a,again")]

    async def test_a_file_whose_beginning_changed_is_told_again(self, peer):
        peer.write(HEADER + "a,first\nb,first\n")
        follower = Follower(peer)
        await follower.sync()
        peer.write(HEADER + "a,other\nb,first\n")
        assert await follower.sync() == [("a", "other"), ("b", "first")]

    async def test_the_same_size_with_other_content_is_noticed(self, peer):
        peer.write(HEADER + "a,1\n")
        follower = Follower(peer)
        await follower.sync()
        peer.write(HEADER + "a,2\n")
        assert await follower.sync() == [("a", "2")]


class TestComplete(ReadsEverything, ScansForDeletes):
    @pytest.fixture
    def peer(self, file):
        return file.open(complete=True)

    async def test_its_last_line_needs_no_newline(self, peer):
        peer.write(HEADER + "a,first\nb,second")
        follower = Follower(peer)
        assert await follower.sync() == [("a", "first"), ("b", "second")]
        peer.append("\nc,third")
        assert await follower.sync() == [("c", "third")]
        peer.append("!\n")
        assert (await follower.sync())[-1] == ("c", "third!")


class TestBadInput:
    async def test_a_half_written_line_waits_for_its_rest(self, file):
        file.open().append("a,first\nb,sec")
        follower = Follower(file)
        assert await follower.sync() == [("a", "first")]
        file.append("ond\n")
        assert await follower.sync() == [("b", "second")]
        assert follower.rejected == []

    async def test_a_half_written_quoted_cell_waits_for_its_rest(self, file):
        file.open().append('a,"two\nli')
        follower = Follower(file)
        assert await follower.sync() == []
        file.append('nes"\n')
        assert await follower.sync() == [("a", "two\nlines")]

    async def test_a_half_written_character_waits_for_its_rest(self, file):
        file.open().append("a,Öz".encode()[:3])
        follower = Follower(file)
        assert await follower.sync() == []
        file.append("Öz\n".encode()[1:])
        assert await follower.sync() == [("a", "Öz")]

    async def test_malformed_rows_are_reported_with_their_line_and_the_rest_goes_on(self, file):
        rows = ["a,first", "b", "c,x,y", 'd,"open', "e,nul\0", 'f,"x"y', "g,last"]
        file.open().append("\n".join(rows) + "\n")
        follower = Follower(file)
        assert await follower.sync() == [("a", "first"), ("g", "last")]
        assert faults(follower) == [
            ("items.csv:3", "wrong-cell-count", "b"),
            ("items.csv:4", "wrong-cell-count", "c,x,y"),
            ("items.csv:5", "unclosed-quote", 'd,"open'),
            ("items.csv:6", "nul-byte", "e,nul\0"),
            ("items.csv:7", "malformed-row", 'f,"x"y'),
        ]

    async def test_an_unclosed_quote_costs_one_line_even_when_another_follows(self, file):
        file.open().append('a,"open\nb,2\nc,"fine"\nd,"open too\ne,5\n')
        follower = Follower(file)
        assert [key for key, _ in await follower.sync()] == ["b", "c", "e"]
        assert [place for place, _, _ in faults(follower)] == ["items.csv:2", "items.csv:5"]

    async def test_a_duplicate_key_is_reported_and_the_first_row_stands(self, file):
        file.open().append("a,first\na,second\n")
        follower = Follower(file)
        assert await follower.sync() == [("a", "first")]
        assert follower.rejected[0].problem.message == "key a stands in line 2 already; that one is used"

    async def test_an_empty_key_is_reported(self, file):
        file.open().append(",first\n")
        follower = Follower(file)
        assert await follower.sync() == []
        assert faults(follower) == [("items.csv:2", "missing-key", ",first")]

    async def test_latin_1_is_read_and_noted_once(self, file):
        file.open().append("a,Müller\nb,Weiß\n".encode("latin-1"))
        follower = Follower(file)
        assert await follower.sync() == [("a", "Müller"), ("b", "Weiß")]
        assert faults(follower) == [("items.csv:2", "not-utf-8", "a,Müller")]

    async def test_a_declared_encoding_is_believed(self, file):
        file.open(encoding="cp1254").append("a,Şişli\n".encode("cp1254"))
        follower = Follower(file)
        assert await follower.sync() == [("a", "Şişli")]
        assert follower.rejected == []

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    async def test_a_byte_order_mark_is_no_part_of_the_first_column(self, file, encoding):
        file.open().write("id,text\na,Öz\n".encode(encoding))
        assert await Follower(file).sync() == [("a", "Öz")]

    async def test_a_missing_file_is_a_source_down(self, file):
        file.open(path="nowhere")
        with pytest.raises(SourceDown, match="nowhere: "):
            await Follower(file).sync()

    async def test_a_missing_key_column_says_which_there_are(self, file):
        file.open(key="number")
        with pytest.raises(SourceDown, match=r"items.csv:1: no column number \(it has id, text\)"):
            await Follower(file).sync()

    async def test_an_empty_file_or_half_a_header_is_no_fault(self, file):
        file.open().write("")
        follower = Follower(file)
        assert await follower.sync() == []
        file.write("id,te")
        assert await follower.sync() == []
        file.append("xt\na,first\n")
        assert await follower.sync() == [("a", "first")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
async def test_the_delimiter_is_found_in_the_header(file, delimiter):
    file.open().write(f"id{delimiter}text{delimiter}note\na{delimiter}b,c;d{delimiter}x\n".replace(",c;d", ""))
    assert await Follower(file).sync() == [("a", "b")]


async def test_a_key_may_be_several_columns(file):
    file.open(key=["id", "text"]).append("a,1\na,2\n")
    assert [key for key, _ in await Follower(file).sync()] == ["a|1", "a|2"]


async def test_json_lines(file):
    file.open(format="jsonl")
    file.write('{"id": 1, "text": "x", "n": 0.1}\n{"id": 2\n[3]\n{"text": "no key"}\n{"id": 5, "text": "half')
    follower = Follower(file)
    await follower.sync()
    assert follower.told[0].data == {"id": Decimal(1), "text": "x", "n": Decimal("0.1")}
    assert follower.told[0].key == "1"
    assert [(place, code) for place, code, _ in faults(follower)] == [
        ("items.csv:2", "malformed-json"),
        ("items.csv:3", "malformed-json"),
        ("items.csv:4", "missing-key"),
    ]
    file.append(json.dumps("x")[1:] + "}\n")
    assert await follower.sync() == [("5", "halfx")]


async def test_deleted_and_where_are_feel(file):
    file.open(deleted='text = "gone"', where='text != "skip"').append("a,gone\nb,skip\nc,here\n")
    follower = Follower(file)
    await follower.sync()
    assert [(each.key, each.deleted) for each in follower.told] == [("a", True), ("c", False)]


class TestHistorical:
    @pytest.fixture
    def ledger(self, file):
        file.write("id,text,issued,settled\na,x,2026-03-01,2026-03-10\nb,y,2026-03-05,\nc,z,soon,\n")
        return file.open(visible="date(issued)", appears={"settled": 'parse date(settled, "yyyy-MM-dd")'})

    async def test_nothing_is_known_before_its_day(self, ledger):
        follower = Follower(ledger)
        ledger.clock.at = datetime(2026, 3, 2, tzinfo=UTC)
        await follower.sync()
        assert [(each.key, each.data["settled"]) for each in follower.told] == [("a", None)]
        ledger.clock.advance(days=1)
        assert await follower.sync() == []
        ledger.clock.advance(days=30)
        await follower.sync()
        assert [(each.key, each.data["settled"]) for each in follower.told[1:]] == [("b", None), ("a", "2026-03-10")]
        assert follower.told[2].valid_at == datetime(2026, 3, 10, tzinfo=UTC)

    async def test_its_whole_history_can_be_had_in_order(self, ledger):
        history = await ledger.connector.history("items")
        start = datetime(2026, 3, 1, tzinfo=UTC)
        assert [(at - start, record.key) for at, record in history] == [
            (timedelta(0), "a"),
            (timedelta(days=4), "b"),
            (timedelta(days=9), "a"),
        ]

    async def test_a_row_whose_moment_is_none_is_reported(self, ledger):
        follower = Follower(ledger)
        await follower.sync()
        assert [(place, code) for place, code, _ in faults(follower)] == [("items.csv:4", "faulty-expression")]


class TestRows:
    """Lines that repeat their document's columns."""

    ORDERS = "id,text,line,sku\na,first,1,S1\na,first,2,S2\nb,second,1,S1\n"
    ROWS = {"lines": ["line", "sku"]}  # noqa: RUF012

    @pytest.fixture
    def orders(self, file):
        file.write(self.ORDERS)
        return file.open(rows=self.ROWS, complete=True)

    async def test_lines_under_one_key_are_one_record(self, orders):
        follower = Follower(orders)
        await follower.sync()
        first, second = follower.told
        assert first.data == {
            "id": "a", "text": "first", "lines": [{"line": "1", "sku": "S1"}, {"line": "2", "sku": "S2"}]
        }  # fmt: skip
        assert (first.origin, second.key, len(second.data["lines"])) == ("items.csv:2", "b", 1)

    async def test_a_record_that_got_another_line_is_told_whole(self, orders):
        follower = Follower(orders)
        await follower.sync()
        orders.append("b,second,2,S9\n")
        await follower.sync()
        assert [each["sku"] for each in follower.told[-1].data["lines"]] == ["S1", "S9"]

    async def test_of_a_growing_file_the_last_waits_for_its_rest(self, orders):
        orders.open(rows=self.ROWS)
        follower = Follower(orders)
        assert [key for key, _ in await follower.sync()] == ["a"]
        orders.append("b,second,2,S9\nc,third,1,S1\n")
        assert [key for key, _ in await follower.sync()] == ["b"]
        assert [each["sku"] for each in follower.told[-1].data["lines"]] == ["S1", "S9"]

    async def test_a_broken_line_keeps_back_the_documents_beside_it(self, orders):
        orders.write("id,text,line,sku\na,x,1,S1\nb,x,1,S1\nb,x,2\nb,x,3,S3\nc,x,1,S1\n")
        follower = Follower(orders)
        assert [key for key, _ in await follower.sync()] == ["a", "c"]
        assert [(place, code) for place, code, _ in faults(follower)] == [
            ("items.csv:3", "broken-document"),
            ("items.csv:4", "wrong-cell-count"),
            ("items.csv:5", "broken-document"),
        ]

    async def test_a_list_of_columns_that_are_not_there_is_refused(self, orders):
        orders.open(rows={"lines": ["line", "price"]})
        with pytest.raises(SourceDown, match="no column price"):
            await Follower(orders).sync()


class TestHowFarItHasTold:
    """What a file does not tell has not happened up to when it was written: an export of last night knows no today."""

    def written(self, file, **before):
        moment = (file.clock.now() - timedelta(**before)).timestamp()
        os.utime(file.path, (moment, moment))
        return datetime.fromtimestamp(moment, UTC)

    async def told_to(self, file):
        follower = Follower(file)
        await follower.sync()
        return follower.pages[-1].watermark

    async def test_an_export_has_told_up_to_when_it_was_written(self, file):
        night = self.written(file.open(), hours=9)
        assert await self.told_to(file) == night

    async def test_a_file_written_ahead_of_the_clock_has_told_up_to_now(self, file):
        self.written(file.open(), hours=-9)
        assert await self.told_to(file) == file.clock.now()

    async def test_a_file_kept_as_things_happen_has_told_up_to_now(self, file):
        self.written(file.open(told_to="read"), hours=9)
        assert await self.told_to(file) == file.clock.now()
