"""The content of one file: loaded whole, its header understood, its rows from any offset."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from connectors.files.groups import grouped
from connectors.files.lines import Line, Undecodable, lines, narrow
from connectors.files.rows import Csv, JsonLines, Row, cut, sniff
from connectors.files.settings import FileStream
from connectors.files.sheet import Sheet
from engine.ports import SourceDown


class Content:
    """What a file holds, and when it was `written`; raises SourceDown when it cannot be read as declared."""

    def __init__(self, path: Path, settings: FileStream) -> None:
        self.name = path.name
        self._settings = settings
        self._sheet: Sheet | None = None
        try:
            # Asked before it is read: who writes meanwhile is newer than what is said of it, never older.
            self.written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            raw = path.read_bytes()
            if settings.format == "xlsx":
                self._sheet = Sheet(path.name, raw, settings.sheet, settings.columns)
                self._checked(self._sheet.header, 1)
                raw = self._sheet.data
            self.data, self._encoding = narrow(raw, settings.encoding)
        except (OSError, Undecodable) as error:
            raise SourceDown(f"{path.name}: {getattr(error, 'strerror', None) or error}") from error

    def told_to(self, now: datetime) -> datetime:
        """Return the moment up to which what is not in the file has not happened."""
        return now if self._settings.told_to == "read" else min(now, self.written)

    def rows(self, offset: int, number: int) -> Iterator[Row]:
        """Yield the rows behind an offset, before which there are `number` lines."""
        found = self._single(offset, number)
        return grouped(found, self._settings, complete=self._settings.complete) if self._settings.rows else found

    def _single(self, offset: int, number: int) -> Iterator[Row]:
        complete = self._settings.complete
        if self._sheet:
            return self._sheet.rows(offset)
        if self._settings.format == "jsonl":
            return JsonLines().rows(self._lines(offset, number), complete=complete)
        if self._settings.columns:
            parser = self._csv(self._settings.columns, self._settings.delimiter or ",")
            return parser.rows(self._lines(offset, number), complete=complete)
        header = next((line for line in self._lines(0, 0) if line.text.strip()), None)
        if header is None or not (header.ended or complete):
            return iter(())
        if offset < header.end:
            offset, number = header.end, header.number
        return self._headed(header).rows(self._lines(offset, number), complete=complete)

    def _headed(self, header: Line) -> Csv:
        delimiter = self._settings.delimiter or sniff(header.text)
        columns = tuple(name.strip() for name in cut(header.text, delimiter, self._settings.quote))
        self._checked(columns, header.number)
        return self._csv(columns, delimiter)

    def _checked(self, columns: tuple[str, ...], number: int) -> None:
        wanted = (self._settings.key,) if isinstance(self._settings.key, str) else self._settings.key
        wanted = (*wanted, *(name for names in self._settings.rows.values() for name in names))
        if missing := [name for name in wanted if name not in columns]:
            names = ", ".join(columns)
            raise SourceDown(f"{self.name}:{number}: no column {', '.join(missing)} (it has {names})")
        if twice := {name for name in columns if name and columns.count(name) > 1}:
            raise SourceDown(f"{self.name}:{number}: column {', '.join(sorted(twice))} stands twice")

    def _csv(self, columns: tuple[str, ...], delimiter: str) -> Csv:
        return Csv(columns, delimiter, self._settings.quote)

    def _lines(self, offset: int, number: int) -> Iterator[Line]:
        return lines(self.data, self._encoding, offset=offset, number=number)


def fingerprint(data: bytes) -> hashlib.blake2b:
    """Return a running BLAKE2b over what a file holds."""
    return hashlib.blake2b(data, digest_size=16)
