"""A historical file told as it happened: a row is known from a moment on, and some of its columns only later."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from connectors.files.content import Content, fingerprint
from connectors.files.records import Records
from connectors.files.settings import FileStream
from connectors.formula import FormulaFault
from connectors.values import digest
from engine.events import Record
from engine.ports import Page, Rejected


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The file with this digest was told as it was known at `until`."""

    digest: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Every state of every row in order of time, and what could not be used."""

    digest: str
    moments: tuple[datetime, ...]
    records: tuple[Record, ...]
    rejected: tuple[Rejected, ...]

    def between(self, after: datetime | None, until: datetime) -> list[Record]:
        """Return the last state of each row that changed in the half-open interval (after, until], in order of time."""
        start = 0 if after is None else bisect_right(self.moments, after)
        latest: dict[str, Record] = {}
        for record in self.records[start : bisect_right(self.moments, until)]:
            latest.pop(record.key, None)
            latest[record.key] = record
        return list(latest.values())


class TimedReading:
    """One stream of one historical file; read at a moment of the clock, it knows nothing later."""

    def __init__(self, path: Path, settings: FileStream, records: Records) -> None:
        self._path = path
        self._settings = settings
        self._records = records
        self._history: History | None = None

    def pages(self, cursor: str, now: datetime) -> Iterator[Page]:
        """Yield what became known since the cursor; a changed file is told again."""
        history = self.history()
        state = msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
        if state.digest != history.digest:
            state = Cursor()
        rejected = () if state.until else history.rejected
        records = history.between(state.until, now)
        size = self._settings.page_size
        while len(records) >= size:
            yield Page(records=tuple(records[:size]), cursor=cursor)
            records = records[size:]
        after = msgspec.json.encode(Cursor(history.digest, now)).decode()
        yield Page(records=tuple(records), rejected=rejected, cursor=after, watermark=now)

    def history(self) -> History:
        """Return the file's history, read once for each content."""
        content = Content(self._path, self._settings)
        name = fingerprint(content.data).hexdigest()
        if self._history is None or self._history.digest != name:
            self._history = self._make(content, name)
        return self._history

    def _make(self, content: Content, name: str) -> History:
        keys: dict[str, int] = {}
        states: list[tuple[datetime, int, Record]] = []
        rejected: list[Rejected] = []
        for row in content.rows(0, 0):
            told = self._records.record(row, keys)
            try:
                states += [(at, row.line, each) for at, each in self._states(told)]
            except FormulaFault as fault:
                rejected.append(self._records.rejected(row, "faulty-expression", str(fault)))
            if isinstance(told, Rejected):
                rejected.append(told)
        states.sort(key=lambda state: state[:2])
        return History(name, tuple(at for at, _, _ in states), tuple(each for _, _, each in states), tuple(rejected))

    def _states(self, told: Record | Rejected | None) -> Iterator[tuple[datetime, Record]]:
        """Yield the record at each moment at which more of it is known."""
        if not isinstance(told, Record):
            return
        visible = self._records.moment("visible", told.data)
        if visible is None:
            raise FormulaFault("visible is null, so it is never known that this row exists")
        appears = {column: self._records.moment(column, told.data) for column in self._settings.appears}
        for at in sorted({visible, *(each for each in appears.values() if each and each > visible)}):
            data = {column: _known(value, column, appears, at) for column, value in told.data.items()}
            yield at, msgspec.structs.replace(told, data=data, version=digest(data), valid_at=told.valid_at or at)


def _known(value: object, column: str, appears: Mapping[str, datetime | None], at: datetime) -> Any:  # noqa: ANN401  (a FEEL value)
    if column not in appears:
        return value
    moment = appears[column]
    return value if moment is not None and moment <= at else None
