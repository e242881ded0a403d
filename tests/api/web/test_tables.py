"""Every table can be kept: as CSV for programs, as XLSX for spreadsheets; no cell becomes a formula."""

import csv
import html
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from api.problems import Faulty
from api.web.admin.pages import titles
from api.web.tables import Column, Table, exported
from api.words import Words
from engine.feel import Money

TABLE = Table(
    (Column("name", "Ad"), Column("amount", "Amount"), Column("at", "At")),
    [
        ("=1+1", Money(Decimal("12.50"), "TRY"), datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("Çamlica", None, date(2026, 3, 2)),
    ],
)
PLACES = [
    "/today", "/inbox?show=all", "/queue", "/customers", "/customers/C-1042", "/search?q=pay",
    "/workflows", "/workflows/collections", "/report", "/rules", "/rules/collections?run=1", "/rules/collections/try",
    "/evals/evidence/collections/overdue_account/remind",
    *(f"/admin/{name}" for name, _ in titles(Words("UTC"))),
]  # fmt: skip
OUT = re.compile(r'<a href="([^"]+(?:[?]|&amp;)format=(csv|xlsx))" download>')


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


def rows(answer, kind):
    """The rows of a file, the heading first."""
    if kind == "csv":
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.content)).active]


@pytest.mark.parametrize("path", PLACES)
async def test_every_table_of_every_page_is_there_to_keep(enter, path):
    browser = await enter("zeynep")
    answer = await browser.get(path)
    assert answer.status_code == 200
    links = {(html.unescape(link), kind) for link, kind in OUT.findall(answer.text)}
    tables = answer.text.count("<table")
    assert len({link for link, kind in links if kind == "csv"}) >= tables, f"{tables} tables, to keep: {links}"
    for link, kind in sorted(links):
        kept = await browser.get(link)
        assert kept.status_code == 200, link
        assert "attachment" in kept.headers["content-disposition"]
        assert len(rows(kept, kind)) >= 1, link
        assert len(rows(kept, kind)[0]) > 1 or "files" in link, link
    for kind in {link for link, _ in links}:
        assert kind.replace("format=csv", "format=xlsx") in {link for link, _ in links}, "as both"
