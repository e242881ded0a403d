from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

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


# --- workbooks that somebody made to do harm --------------------------------------------------------------------------


def rewritten(sheet, change):
    """Change the parts of the saved workbook."""
    path = sheet.home / "items.xlsx"
    with ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED) as other:
        for name, content in change(parts).items():
            other.writestr(name, content)
    return path


async def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(sheet, monkeypatch):
    monkeypatch.setattr("connectors.files.sheet.MOST_BYTES", 1_000_000)
    rewritten(sheet, lambda parts: parts | {"xl/media/picture.png": b"\0" * 1_000_000})
    with pytest.raises(SourceDown, match=r"items.xlsx unpacks to 1,\d+,\d+ bytes; at most 1,000,000 are read"):
        await Follower(sheet).sync()


async def test_a_part_that_is_larger_than_it_says_is_found_out(sheet, monkeypatch):
    monkeypatch.setattr("connectors.files.sheet.MOST_BYTES", 1_000_000)
    name = b"xl/worksheets/sheet1.xml"
    path = rewritten(sheet, lambda parts: parts | {name.decode(): parts[name.decode()] + b" " * 5_000_000})
    with ZipFile(path) as book:
        true = book.getinfo(name.decode()).file_size.to_bytes(4, "little")
    data = path.read_bytes()
    assert data.count(true) == 2  # in the part's own head and in the directory
    path.write_bytes(data.replace(true, (600).to_bytes(4, "little")))
    with pytest.raises(SourceDown, match=r"items.xlsx is no XLSX workbook"):
        await Follower(sheet).sync()


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576"])
async def test_a_few_bytes_that_stand_for_billions_of_cells_are_not_walked(sheet, monkeypatch, cell):
    monkeypatch.setattr("connectors.files.sheet.MOST_CELLS", 100_000)
    await sheet.put("a", "first", None)
    row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    far = f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData>'.encode()
    name = "xl/worksheets/sheet1.xml"
    rewritten(sheet, lambda parts: parts | {name: parts[name].replace(b"</sheetData>", far)})
    with pytest.raises(SourceDown, match=r"items.xlsx has more than 100,000 cells"):
        await Follower(sheet).sync()


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
async def test_entities_that_stand_for_each_other_are_not_expanded(sheet, part):
    await sheet.put("a", "first", None)
    laughs = "".join(f'<!ENTITY e{level + 1} "{f"&e{level};" * 10}">' for level in range(7))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "laughing">{laughs}]>'.encode()

    def armed(parts):
        text = parts[part].replace(b"<t>first</t>", b"<t>&e7;</t>").replace(b'name="Sheet"', b'name="&e7;"')
        at = text.index(b"?>") + 2 if text.startswith(b"<?xml") else 0
        assert b"&e7;" in text
        return parts | {part: text[:at] + bomb + text[at:]}

    rewritten(sheet, armed)
    with pytest.raises(SourceDown, match=r"items.xlsx is no XLSX workbook"):
        await Follower(sheet).sync()
