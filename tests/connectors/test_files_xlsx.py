from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pytest

from connectors.registry import open_connector
from connectors.settings import Surroundings
from engine.ports import Connector, SourceDown
from tests.connectors.conformance import Follower, ManualClock, ReadsEverything, ScansForDeletes

openpyxl = pytest.importorskip("openpyxl", reason="XLSX needs the extra `xlsx`")


@dataclass
class SheetPeer:
    home: Path
    clock: ManualClock = field(default_factory=ManualClock)
    stream: str = "items"
    page_size: int = 4
    connector: Connector | None = None

    def __post_init__(self):
        self.rows = [["id", "text"]]
        self.save()
        self.open()

    def open(self, **stream):
        settings = {"format": "xlsx", "key": "id", "page_size": 4, **stream}
        source = {"connector": "files", "path": "items.xlsx", "streams": {"items": settings}}
        self.connector = open_connector("ledger", source, Surroundings(self.home, self.clock))
        return self

    def save(self):
        book = openpyxl.Workbook()
        for row in self.rows:
            book.active.append(row)
        book.save(self.home / "items.xlsx")

    async def put(self, key, text, _at):
        self.rows.append([key, text])
        self.save()

    async def remove(self, key):
        self.rows = [row for row in self.rows if row[0] != key]
        self.save()

    def text(self, record):
        return record.data["text"]


@pytest.fixture
def sheet(tmp_path):
    return SheetPeer(tmp_path)


class TestConformance(ReadsEverything, ScansForDeletes):
    @pytest.fixture
    def peer(self, sheet):
        return sheet.open(complete=True)


async def test_rows_added_at_the_end_are_told_alone_although_the_whole_workbook_was_saved_anew(sheet):
    await sheet.put("a", "first", None)
    follower = Follower(sheet)
    await follower.sync()
    await sheet.put("b", "first", None)
    assert await follower.sync() == [("b", "first")]
    assert follower.told[-1].origin == "items.xlsx:3"


async def test_cells_keep_their_types(sheet):
    book = openpyxl.Workbook()
    book.active.append(["id", "amount", "due", "seen", "paid", "empty"])
    seen = datetime(2026, 3, 1, 9, 30)  # noqa: DTZ001  (a spreadsheet knows no zones)
    book.active.append([478, 12.35, date(2026, 3, 1), seen, True, None])
    book.active["C2"].number_format = "dd.mm.yyyy"
    book.save(sheet.home / "items.xlsx")
    (record,) = [each async for page in sheet.connector.read("items", "") for each in page.records]
    assert record.key == "478"
    assert record.data == {
        "id": Decimal(478),
        "amount": Decimal("12.35"),
        "due": date(2026, 3, 1),
        "seen": datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
        "paid": True,
        "empty": None,
    }


async def test_faulty_rows_wait_with_their_row_and_reason(sheet):
    sheet.rows += [
        ["a", "first"],
        [None, "no key"],
        [],
        ["a", "again"],
        ["b", "#N/A"],
        ["c", "x", "too much"],
        ["d", "ok"],
    ]
    sheet.save()
    follower = Follower(sheet)
    assert await follower.sync() == [("a", "first"), ("d", "ok")]
    assert [(each.key, each.problem.code) for each in follower.rejected] == [
        ("items.xlsx:3", "missing-key"),
        ("items.xlsx:5", "duplicate-key"),
        ("items.xlsx:6", "cell-error"),
        ("items.xlsx:7", "wrong-cell-count"),
    ]


async def test_a_sheet_is_chosen_by_its_name_and_may_have_no_header(sheet):
    book = openpyxl.Workbook()
    book.active.append(["something", "else"])
    book.create_sheet("Open items").append(["a", "first"])
    book.save(sheet.home / "items.xlsx")
    sheet.open(sheet="Open items", columns=["id", "text"])
    assert await Follower(sheet).sync() == [("a", "first")]
    with pytest.raises(SourceDown, match=r"no sheet 'Closed' \(it has Sheet, Open items\)"):
        await Follower(sheet.open(sheet="Closed")).sync()


@pytest.mark.parametrize("content", [b"", b"id,text\na,first\n", b"PK\x03\x04 cut off"])
async def test_what_is_no_workbook_is_said_to_be_none(sheet, content):
    (sheet.home / "items.xlsx").write_bytes(content)
    with pytest.raises(SourceDown, match=r"items.xlsx is no XLSX workbook"):
        await Follower(sheet).sync()


async def test_a_key_that_is_no_column_is_an_error_of_the_file(sheet):
    with pytest.raises(SourceDown, match=r"items.xlsx:1: no column number \(it has id, text\)"):
        await Follower(sheet.open(key="number")).sync()


async def test_rows_beyond_what_the_sheet_says_it_has_are_read_too(sheet):
    await sheet.put("a", "first", None)
    await sheet.put("b", "second", None)
    path = sheet.home / "items.xlsx"
    with ZipFile(path) as whole:
        files = {name: whole.read(name) for name in whole.namelist()}
    name = "xl/worksheets/sheet1.xml"
    assert b'<dimension ref="A1:B3"' in files[name]
    with ZipFile(path, "w") as narrow:
        for each, content in files.items():
            narrow.writestr(each, content.replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1:B2"'))
    assert await Follower(sheet).sync() == [("a", "first"), ("b", "second")]
