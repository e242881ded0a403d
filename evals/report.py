"""What a replay found, as data and as text."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from engine.source.counted import counted
from evals.scoring import Confusion, wilson

_HEADER = ["", "prediction", "cases", "flagged", "accuracy", "95 %", "precision", "95 %", "recall", "95 %", "F1"]


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One count by month; `total` counts different things once over all months."""

    title: str
    months: Mapping[str, int]
    total: int


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One prediction in one group of cases."""

    group: str
    prediction: str
    confusion: Confusion


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """One scored prediction beside its baselines."""

    title: str
    rows: tuple[Row, ...]


class Faulty(msgspec.Struct, frozen=True, kw_only=True):
    """Something that could not be used, and where."""

    place: str
    message: str
    hint: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole; `seconds` is the time that evaluating all events took."""

    columns: tuple[Column, ...]
    scores: tuple[Scored, ...]
    rejected: tuple[Faulty, ...]
    events: int
    seconds: float

    def text(self) -> str:
        """Return the report for a terminal."""
        parts = [*self._table(), *self._scored(), *self._faults()]
        rate = f"{self.events / self.seconds:,.0f} events/s" if self.seconds else "no time at all"
        parts.append(f"{self.events:,} events in {self.seconds:.2f} s: {rate}.")
        return "\n".join(parts)

    def _table(self) -> Iterator[str]:
        months = sorted({month for column in self.columns for month in column.months})
        if not months:
            return
        header = ["month", *(column.title for column in self.columns)]
        rows = [[month, *(str(column.months.get(month, 0)) for column in self.columns)] for month in months]
        total = ["in all", *(str(column.total) for column in self.columns)]
        yield from aligned([header, *rows, total])
        yield ""

    def _scored(self) -> Iterator[str]:
        for scored in self.scores:
            yield scored.title
            header = [
                "",
                "prediction",
                "cases",
                "flagged",
                "accuracy",
                "95 %",
                "precision",
                "95 %",
                "recall",
                "95 %",
                "F1",
            ]
            yield from aligned([header, *(_figures(row) for row in scored.rows)])
            yield ""

    def _faults(self) -> Iterator[str]:
        for fault in self.rejected:
            yield f"{fault.place}: {fault.message}"
        if self.rejected:
            yield f"Left out, as they could not be used: {counted(len(self.rejected), 'row')}."


def _figures(row: Row) -> list[str]:
    confusion = row.confusion
    return [
        row.group,
        row.prediction,
        str(confusion.total),
        str(confusion.flagged),
        share(confusion.accuracy),
        bounds(confusion.hits + confusion.rejections, confusion.total),
        share(confusion.precision),
        bounds(confusion.hits, confusion.flagged),
        share(confusion.recall),
        bounds(confusion.hits, confusion.true),
        share(confusion.f1),
    ]


def share(value: float | None) -> str:
    """Return a share with two places, a dash where there is none."""
    return "-" if value is None else f"{value:.2f}"


def bounds(successes: int, trials: int) -> str:
    """Return the Wilson interval of a share."""
    return "" if not trials else "{:.2f}-{:.2f}".format(*wilson(successes, trials))


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows as aligned columns, text to the left, figures to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (
            cell.rjust(width) if cell[:1].isdigit() or cell == "-" else cell.ljust(width)
            for cell, width in zip(row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()
