"""Every table can be kept: as CSV for programs, as XLSX for spreadsheets; no cell becomes a formula."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from api.problems import Faulty
from api.web.tables import Column, Table, exported
from engine.feel import Money

TABLE = Table(
    (Column("name", "Ad"), Column("amount", "Amount"), Column("at", "At")),
    [
        ("=1+1", Money(Decimal("12.50"), "TRY"), datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("Çamlica", None, date(2026, 3, 2)),
    ],
)
PLACES = [
    "/inbox?show=all", "/customers", "/customers/C-1042", "/workflows", "/workflows/collections", "/rules/collections",
    "/admin/sources", "/admin/people", "/admin/autonomy", "/admin/bundles", "/admin/identity",
]  # fmt: skip


def test_csv_opens_anywhere():
    content = exported("csv", "x", TABLE).content
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows == [["Ad", "Amount", "At"], ["'=1+1", "12.50", "2026-03-01T09:00:00"], ["Çamlica", "", "2026-03-02"]]


def test_xlsx_holds_numbers_and_moments():
    sheet = load_workbook(io.BytesIO(exported("xlsx", "x", TABLE).content)).active
    assert [cell.value for cell in sheet[2]] == ["'=1+1", 12.5, datetime(2026, 3, 1, 9)]  # noqa: DTZ001  (spreadsheets know no zones)
    assert sheet.freeze_panes == "A2"


def test_an_unknown_format_is_told():
    with pytest.raises(Faulty):
        exported("pdf", "x", TABLE)


@pytest.mark.parametrize("path", PLACES)
async def test_every_table_of_the_web_is_there_to_keep(enter, path):
    browser = await enter("zeynep")
    mark = "&" if "?" in path else "?"
    answer = await browser.get(f"{path}{mark}format=csv")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content.count(b"\r\n") >= 1
