"""Reading a folder of statements: each file once, and again when it changed; keys make the repetition harmless."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import islice
from pathlib import Path

import msgspec

from connectors.bank import camt, swift
from connectors.bank.settings import BankStream
from connectors.bank.statement import Broken, Entry, NoStatement, Statement
from connectors.values import DIGEST_LENGTH, digest
from engine.events import Record
from engine.ports import Page, Rejected, SourceDown
from engine.source import Place, Problem

MOST_RAW = 20_000
Days = dict[str, tuple[date, str]]


@dataclass(frozen=True, slots=True)
class Folder:
    """One stream of one folder.

    Its cursor has 12 characters for each file that was told and is still there, then `|` and, for each account, the day
    up to which it was told and the file that said so. Silence says nothing: a statement that never came leaves the
    watermark where it was, so that no payment is missed that was only not told.
    """

    source: str
    stream: str
    path: Path
    settings: BankStream
    zone: tzinfo = UTC

    def pages(self, cursor: str) -> Iterator[Page]:
        """Yield the entries of files not told before, in order of their names; raises SourceDown."""
        present = self._present()
        marks, _, days = cursor.partition("|")
        told = {marks[at : at + DIGEST_LENGTH] for at in range(0, len(marks), DIGEST_LENGTH)} & present.keys()
        known: Days = msgspec.json.decode(days, type=Days) if days else {}
        known = {account: day for account, day in known.items() if day[1] in told}
        for mark, path in present.items():
            if mark in told:
                continue
            closed: dict[str, date] = {}
            items = self._items(path, closed)
            while batch := list(islice(items, self.settings.page_size)):
                yield _page(batch, told, known)
            told = {*told, mark}
            later = {each: day for each, day in closed.items() if each not in known or day >= known[each][0]}
            known = known | {account: (day, mark) for account, day in later.items()}
        yield _page([], told, known, self._told_to(known))

    def _told_to(self, known: Days) -> datetime | None:
        """Return the end of the day up to which every account was told."""
        if not known:
            return None
        day = min(day for day, _ in known.values()) + timedelta(days=1)
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)

    def _present(self) -> dict[str, Path]:
        try:
            files = sorted(each for each in self.path.glob(self.settings.files) if each.is_file())
            if not self.path.is_dir():
                raise SourceDown(f"{self.source}: there is no folder {self.path}")
            stats = [(path, path.stat()) for path in files]
        except OSError as error:
            raise SourceDown(f"{self.source}: {error}") from error
        return {digest([path.name, stat.st_size, stat.st_mtime_ns]): path for path, stat in stats}

    def _items(self, path: Path, closed: dict[str, date]) -> Iterator[Record | Rejected]:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SourceDown(f"{path.name}: {error.strerror}") from error
        keys: dict[str, Entry] = {}
        try:
            found = (
                camt.statements(data)
                if self.settings.format == "camt053"
                else swift.statements(data, self.settings.encoding)
            )
            for statement in found:
                if day := statement.told_to():
                    closed[statement.account] = max(day, closed.get(statement.account, day))
                yield from self._told(path.name, statement, keys)
        except NoStatement as error:
            raw = data[:MOST_RAW].decode("utf-8", errors="replace")
            yield self._rejected(path.name, Broken(message=str(error), raw=raw, code="no-statement"))

    def _told(self, file: str, statement: Statement, keys: dict[str, Entry]) -> Iterator[Record | Rejected]:
        equal: Counter[str] = Counter()
        for entry in statement.entries:
            if isinstance(entry, Broken):
                yield self._rejected(file, entry)
                continue
            equal[digest(entry)] += 1
            record = self._record(file, statement, entry, statement.key(entry, equal[digest(entry)]))
            if (first := keys.setdefault(record.key, entry)) is not entry:
                yield self._rejected(file, _again(record.key, entry, first))
                continue
            yield record
        if message := statement.unbalanced():
            yield self._rejected(file, Broken(message=message, raw=message, code="unbalanced-statement"))

    def _record(self, file: str, statement: Statement, entry: Entry, key: str) -> Record:
        data = {"account": statement.account, "statement": statement.number, **msgspec.structs.asdict(entry)}
        data["transactions"] = list(entry.transactions)
        day = entry.booked_on or entry.valued_on
        return Record(
            source=self.source,
            stream=self.stream,
            key=key,
            data=data,
            version=digest(entry),
            valid_at=datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None,
            origin=file,
        )

    def _rejected(self, file: str, broken: Broken) -> Rejected:
        place = Place(file, broken.line, 1) if broken.line else Place(file)
        problem = Problem(code=broken.code, message=broken.message, place=place)
        key = f"{file}:{broken.line or digest([broken.code, broken.raw])}"
        return Rejected(source=self.source, stream=self.stream, key=key, raw=broken.raw[:MOST_RAW], problem=problem)


def _page(items: list[Record | Rejected], told: set[str], known: Days, watermark: datetime | None = None) -> Page:
    return Page(
        records=tuple(each for each in items if isinstance(each, Record)),
        rejected=tuple(each for each in items if isinstance(each, Rejected)),
        cursor="".join(sorted(told)) + ("|" + msgspec.json.encode(known).decode() if known else ""),
        watermark=watermark,
    )


def _again(key: str, entry: Entry, first: Entry) -> Broken:
    raw = msgspec.json.encode(entry).decode()
    if entry == first:
        return Broken(message=f"entry {key} stands twice in this file; it counts once", raw=raw, code="duplicate-key")
    message = f"two different entries of this file have the reference {key}; the first one is used"
    return Broken(message=message, raw=raw, code="same-reference")
