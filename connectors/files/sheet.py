"""A sheet of an XLSX workbook to rows with the types of its cells; the row number is the line number."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO
from itertools import accumulate
from typing import Any
from zipfile import BadZipFile, ZipFile

import msgspec

from connectors.files.rows import Row
from engine.ports import SourceDown

HOURS = re.compile(r"[hH]")
MOST_BYTES = 256_000_000
"""Bytes of a workbook once unpacked."""
MOST_CELLS = 20_000_000
"""Cells of a sheet, with the empty ones before the last of each row."""


class Sheet:
    """ISO/IEC 29500 SpreadsheetML, read by openpyxl: what formulas last gave, never the formulas.

    `data` is the header and the rows as JSON lines, so that a sheet which grew at its end is told apart from one that
    changed, as with a file of lines; the bytes of the workbook itself change with every save.
    """

    def __init__(self, name: str, workbook: bytes, sheet: str, columns: tuple[str, ...]) -> None:
        """Read the sheet, by default the first; raises SourceDown when that cannot be."""
        self._name = name
        cells = self._cells(workbook, sheet)
        self.header = columns
        self._rows: list[Row] = []
        for number, row in enumerate(cells, 1):
            last = max((index for index, cell in enumerate(row, 1) if cell.value is not None), default=0)
            if not last:
                continue
            if not self.header:
                self.header = tuple("" if cell.value is None else str(cell.value).strip() for cell in row[:last])
                continue
            self._rows.append(self._row(number, row[:last]))
        header = msgspec.json.encode(self.header).decode()
        lines = [f"{line}\n".encode() for line in (header, *(row.raw for row in self._rows))]
        ends = accumulate(map(len, lines))
        next(ends)
        self._rows = [row._replace(end=end) for row, end in zip(self._rows, ends, strict=True)]
        self.data = b"".join(lines)

    def rows(self, offset: int) -> Iterator[Row]:
        """Yield the rows behind an offset into `data`."""
        return (row for row in self._rows if row.end > offset)

    def _cells(self, workbook: bytes, sheet: str) -> Iterator[Sequence[Any]]:
        try:
            from openpyxl import load_workbook
        except ImportError as error:
            raise SourceDown(f"{self._name}: XLSX needs the extra `xlsx`: pip install 'opslayer[xlsx]'") from error
        try:
            self._refuse_bomb(workbook)
            book = load_workbook(BytesIO(workbook), read_only=True, data_only=True)
            if sheet and sheet not in book.sheetnames:
                raise SourceDown(f"{self._name}: no sheet {sheet!r} (it has {', '.join(book.sheetnames)})")
            cells = book[sheet] if sheet else book.worksheets[0]
            cells.reset_dimensions()  # what the file says of its size may be less than it has
            seen = 0
            for row in cells.iter_rows():
                if (seen := seen + len(row) + 1) > MOST_CELLS:
                    raise SourceDown(f"{self._name} has more than {MOST_CELLS:,} cells; share the sheet out")
                yield row
            book.close()
        except (BadZipFile, KeyError, ValueError, IndexError, AttributeError, SyntaxError, OSError) as error:
            # openpyxl lets through whatever its parts raise on a workbook that is none (ParseError is a SyntaxError).
            raise SourceDown(f"{self._name} is no XLSX workbook: {error}") from error

    def _refuse_bomb(self, workbook: bytes) -> None:
        """Raise SourceDown when it unpacks to too much; of no part more is unpacked than it says."""
        with ZipFile(BytesIO(workbook)) as parts:
            unpacked = sum(each.file_size for each in parts.infolist())
        if unpacked > MOST_BYTES:
            raise SourceDown(f"{self._name} unpacks to {unpacked:,} bytes; at most {MOST_BYTES:,} are read")

    def _row(self, number: int, row: Sequence[Any]) -> Row:
        values = [_value(cell) for cell in row]
        values += [None] * (len(self.header) - len(values))
        cells = {name: value for name, value in zip(self.header, values, strict=False) if name}
        made = Row(number, number, 0, msgspec.json.encode(values, enc_hook=str).decode(), None)
        if broken := [cell.coordinate for cell in row if getattr(cell, "data_type", "") == "e"]:
            return made._replace(fault=("cell-error", f"cell {', '.join(broken)} holds an error of the spreadsheet"))
        if any(value is not None for value in values[len(self.header) :]):
            return made._replace(
                fault=("wrong-cell-count", f"{len(values)} cells where the header has {len(self.header)}")
            )
        return made._replace(cells=cells)


def _value(cell: Any) -> Any:  # noqa: ANN401  (openpyxl's cells, and what they hold)
    """Return a cell's value; a moment shown without hours is a date, as SpreadsheetML has no type for one."""
    if isinstance(cell.value, datetime) and not HOURS.search(cell.number_format or ""):
        return cell.value.date()
    return cell.value
