"""Lines to rows: the cells of a CSV record or the members of a JSON object, or what is wrong with them."""

import csv
from collections import deque
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from connectors.files.lines import Line

DELIMITERS = ",;\t|"
MOST_LINES = 100


class Row(NamedTuple):
    """One record of a file, from line `line` to `last`, with the offset behind it: its cells, or a (code, message)."""

    line: int
    last: int
    end: int
    raw: str
    cells: Mapping[str, Any] | None
    fault: tuple[str, str] = ("", "")
    guessed: bool = False


class Csv:
    """RFC 4180 with recovery: a broken record costs its first line, reading goes on with the next."""

    def __init__(self, header: tuple[str, ...], delimiter: str, quote: str) -> None:
        self.header = header
        self._dialect: dict[str, Any] = {"delimiter": delimiter, "quotechar": quote, "strict": True}
        self._quote = quote

    def rows(self, lines: Iterator[Line], *, complete: bool) -> Iterator[Row]:
        """Yield a row for each record; what may still be being written stays for the next time."""
        again: deque[Line] = deque()
        while (first := _next(again, lines)) is not None:
            if not first.text.strip() and first.ended:
                continue
            taken, closed = self._join(first, again, lines)
            if not taken[-1].ended and not complete:
                return
            row = self._row(taken, closed=closed)
            if row.cells is None:
                row = row._replace(last=first.number, end=first.end, raw=first.text)
                again.extendleft(reversed(taken[1:]))
            yield row

    def _join(self, first: Line, again: deque[Line], lines: Iterator[Line]) -> tuple[list[Line], bool]:
        """Take further lines while a quote is open."""
        taken, quotes = [first], first.text.count(self._quote)
        while quotes % 2 and len(taken) < MOST_LINES:
            line = _next(again, lines)
            if line is None:
                break
            taken.append(line)
            quotes += line.text.count(self._quote)
        return taken, quotes % 2 == 0

    def _row(self, taken: list[Line], *, closed: bool) -> Row:
        raw = "\n".join(line.text for line in taken)
        row = Row(
            taken[0].number, taken[-1].number, taken[-1].end, raw, None, guessed=any(line.guessed for line in taken)
        )
        if not closed:
            return row._replace(fault=("unclosed-quote", "a quote is opened and never closed"))
        if "\0" in raw:
            return row._replace(fault=("nul-byte", "the line holds a NUL character"))
        try:
            (cells,) = csv.reader([raw], **self._dialect)
        except (csv.Error, ValueError) as error:
            return row._replace(fault=("malformed-row", str(error)))
        if len(cells) != len(self.header):
            return row._replace(
                fault=("wrong-cell-count", f"{len(cells)} cells where the header has {len(self.header)}")
            )
        return row._replace(cells=dict(zip(self.header, cells, strict=True)))


class JsonLines:
    """One JSON object a line; numbers are decimals."""

    def __init__(self) -> None:
        self._decoder = msgspec.json.Decoder(float_hook=Decimal)

    def rows(self, lines: Iterator[Line], *, complete: bool) -> Iterator[Row]:
        """Yield a row for each line; a last line without newline stays for the next time."""
        for line in lines:
            if not line.ended and not complete:
                return
            if line.text.strip():
                yield self._row(line)

    def _row(self, line: Line) -> Row:
        row = Row(line.number, line.number, line.end, line.text, None, guessed=line.guessed)
        try:
            value = self._decoder.decode(line.text)
        except msgspec.DecodeError as error:
            return row._replace(fault=("malformed-json", str(error)))
        if not isinstance(value, dict):
            return row._replace(fault=("malformed-json", "the line is no JSON object"))
        return row._replace(cells=value)


def sniff(header: str) -> str:
    """Return the delimiter of a header line: the candidate that cuts it into most cells."""
    return max(DELIMITERS, key=lambda each: len(cut(header, each, '"')))


def cut(text: str, delimiter: str, quote: str) -> list[str]:
    """Return the cells of one header line, leniently."""
    return next(csv.reader([text], delimiter=delimiter, quotechar=quote), [])


def _next(again: deque[Line], lines: Iterator[Line]) -> Line | None:
    return again.popleft() if again else next(lines, None)
