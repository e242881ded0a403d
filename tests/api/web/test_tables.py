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
from api.web.tables import Column, Table, exported
from engine.feel import Money
from engine.rules.cases import Case
from evals.labelled.choosing import Moment
from tests.api.web.walking import pages, shape

TABLE = Table(
    (Column("name", "Ad"), Column("amount", "Amount"), Column("at", "At")),
    [
        ("=1+1", Money(Decimal("12.50"), "TRY"), datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("Çamlica", None, date(2026, 3, 2)),
    ],
)
ALSO = ("/inbox?show=all", "/search?q=pay", "/evals/label?workflow=collections", "/rules/collections?run=1")
MOMENT = Moment(
    case=Case(
        id="moment-1", at="2026-03-02T09:00:00+03:00",
        given={
            "customer": ({"id": "C-1042", "name": "Karadeniz", "risk": None},),
            "invoice": ({"id": "1", "balance": {"amount": "12.5", "currency": "TRY"}, "due_date": "2026-03-01"},),
        },
    ),
    asked="overdue_account/first_reminder for customer:C-1042", why="a rare kind",
)  # fmt: skip
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


async def test_every_table_of_every_page_is_there_to_keep(enter, layer, monkeypatch):
    async def moments(workflow):
        return (MOMENT,) if workflow == "collections" else ()

    monkeypatch.setattr(layer, "moments", moments)
    browser = await enter("zeynep")
    walked = await pages(browser, also=ALSO)
    wrong = [told async for told in missing(browser, walked)]
    assert wrong == []
    assert sum(answer.text.count("<table") for _, answer in walked) > 30
    seen = {shape(path).partition(" ")[0] for path, _ in walked}
    assert seen >= {"/today", "/queue", "/evals/label", "/customers/*", "/rules/*/*", "/evals/*/*/*/*", "/admin/people"}


async def missing(browser, walked):
    """What a page lacks: a link for each of its tables, in both forms, that gives a file with rows."""
    for path, answer in walked:
        assert answer.status_code == 200, path
        if path.endswith("/dossier"):
            continue  # a document to keep as it is, without links
        links = {(html.unescape(link), kind) for link, kind in OUT.findall(answer.text)}
        kept = {kind: {link for link, one in links if one == kind} for kind in ("csv", "xlsx")}
        if len(kept["csv"]) < answer.text.count("<table"):
            yield f"{path}: {answer.text.count('<table')} tables, to keep: {sorted(kept['csv'])}"
        if {each.replace("format=csv", "format=xlsx") for each in kept["csv"]} != kept["xlsx"]:
            yield f"{path}: not each as both"
        for link, kind in sorted(links):
            file = await browser.get(link)
            if file.status_code != 200 or "attachment" not in file.headers["content-disposition"]:
                yield f"{path}: {link} gives {file.status_code}"
            elif not rows(file, kind) or (len(rows(file, kind)[0]) < 2 and "files" not in link):
                yield f"{path}: {link} is empty"
