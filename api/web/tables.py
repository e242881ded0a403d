"""Tables as files: CSV for every program, XLSX for spreadsheets."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from litestar import Response

from api.problems import Faulty
from engine.feel import Money

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name for programs and its heading for people."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values under their columns."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]


def columns(*titles: str) -> list[Column]:
    """Return columns that are named as they are headed."""
    return [Column(each, each) for each in titles]


def one_of(tables: Mapping[str, Table], name: str) -> Table:
    """Return a page's table by its name, the first without one; raises Faulty 404 for a name the page has not."""
    found = tables.get(name) if name else next(iter(tables.values()))
    if found is None:
        raise Faulty(404, "unknown-table", f"There is no table {name} here; these are: {', '.join(tables)}.")
    return found


def exported(format: str, name: str, table: Table) -> Response[bytes]:
    """Return the table as a file to keep; raises Faulty 404 for a format nobody knows, 501 without its library."""
    makers = {"csv": (_csv, "text/csv; charset=utf-8"), "xlsx": (_xlsx, _XLSX)}
    if format not in makers:
        raise Faulty(404, "unknown-format", f"There is no format {format}; csv and xlsx are.")
    maker, kind = makers[format]
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{format}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(maker(name, table), media_type=kind, headers=headers)


def _csv(_name: str, table: Table) -> bytes:
    """RFC 4180 with a BOM, which spreadsheet programs need to read UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([each.title for each in table.columns])
    writer.writerows([[_harmless(_cell(value)) for value in row] for row in table.rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _xlsx(name: str, table: Table) -> bytes:
    try:
        from openpyxl import Workbook
        from openpyxl.styles import Font
    except ImportError as missing:
        raise Faulty(501, "no-xlsx", "XLSX needs openpyxl: pip install 'opslayer[xlsx]'. CSV works.") from missing
    book = Workbook()
    sheet = book.active
    sheet.title = name[:31]
    sheet.append([each.title for each in table.columns])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in table.rows:
        sheet.append([_harmless(_plain(value)) for value in row])
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _cell(value: Any) -> str | int | Decimal:  # noqa: ANN401  (any value of a table)
    value = _plain(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return "" if value is None else value


def _plain(value: Any) -> Any:  # noqa: ANN401  (any value of a table)
    """Return what a spreadsheet holds: text, numbers, days, and moments in UTC, for it knows no zones."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, Money):
        return value.amount
    if value is None or isinstance(value, str | int | float | Decimal | date):
        return value
    return str(value)


def _harmless(value: Any) -> Any:  # noqa: ANN401  (any value of a table)
    """Return text that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
