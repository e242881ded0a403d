"""Reading one file: from the start, or from where a growing file was left; the cursor knows by content which."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

import msgspec

from connectors.files.content import Content, fingerprint
from connectors.files.records import Records
from connectors.files.rows import Row
from connectors.files.settings import FileStream
from engine.events import Record
from engine.ports import Page, Rejected


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a file was told: `offset` bytes, which had this digest."""

    offset: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the told beginning of a file held; only a cache, valid for that digest alone."""

    digest: str = ""
    lines: int = 0
    keys: dict[str, int] = field(default_factory=dict)


class Reading:
    """One stream of one file."""

    def __init__(self, path: Path, settings: FileStream, records: Records) -> None:
        self._path = path
        self._settings = settings
        self._records = records
        self._known = Known()

    def pages(self, cursor: str, now: datetime) -> Iterator[Page]:
        """Yield what was added since the cursor, or the whole file when its beginning has changed."""
        content = Content(self._path, self._settings)
        state = msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
        if not _continues(state, content.data) or self._may_have_grown(state, content.data):
            state = Cursor()
        if self._known.digest != state.digest:
            self._known = self._learn(content, state)
        rows = content.rows(state.offset, self._known.lines)
        told, at, noted = fingerprint(content.data[: state.offset]), state, False
        while True:
            batch = list(islice(rows, self._settings.page_size))
            records, rejected = self._told(batch, noted=noted)
            noted = noted or any(row.guessed for row in batch)
            if batch:
                told.update(content.data[at.offset : batch[-1].end])
                at = Cursor(batch[-1].end, told.hexdigest())
                self._known = Known(at.digest, batch[-1].last, self._known.keys)
            ended = len(batch) < self._settings.page_size
            yield Page(
                records=records,
                rejected=rejected,
                cursor=msgspec.json.encode(at).decode(),
                watermark=content.told_to(now) if ended else None,
                complete=ended and self._settings.complete and state.offset == 0,
            )
            if ended:
                return

    def _may_have_grown(self, state: Cursor, data: bytes) -> bool:
        """Whether the last record told may have more rows by now."""
        return bool(self._settings.rows) and self._settings.complete and len(data) != state.offset

    def _told(self, batch: Sequence[Row], *, noted: bool) -> tuple[tuple[Record, ...], tuple[Rejected, ...]]:
        told = [self._records.record(row, self._known.keys) for row in batch]
        guessed = [] if noted else [self._records.guessed(row) for row in batch if row.guessed][:1]
        records = tuple(each for each in told if isinstance(each, Record))
        return records, (*(each for each in told if isinstance(each, Rejected)), *guessed)

    def _learn(self, content: Content, state: Cursor) -> Known:
        keys: dict[str, int] = {}
        lines = 0
        for row in content.rows(0, 0):
            if row.end > state.offset:
                break
            self._records.record(row, keys)
            lines = row.last
        return Known(state.digest, lines, keys)


def _continues(state: Cursor, data: bytes) -> bool:
    """Whether the file still begins with what was told, up to the end of a line."""
    told = data[: state.offset]
    if len(told) < state.offset or fingerprint(told).hexdigest() != state.digest:
        return False
    return told.endswith(b"\n") or data[state.offset : state.offset + 1] in {b"", b"\r", b"\n"}
