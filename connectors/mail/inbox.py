"""Reading a Maildir: each message once, whatever happens to its flags and its place in new or cur."""

import mailbox
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from connectors.mail.told import told
from connectors.values import DIGEST_LENGTH, digest
from engine.events import Record
from engine.ports import Page, Rejected, SourceDown


@dataclass(frozen=True, slots=True)
class Inbox:
    """One folder of one Maildir.

    The cursor lists the messages that were told and still are there, 12 characters each: a Maildir has no order that
    late arrivals keep, and only a file's name up to the colon survives a change of flags (cr.yp.to/proto/maildir.html).
    """

    source: str
    stream: str
    path: Path
    page_size: int
    zone: tzinfo

    def pages(self, cursor: str, now: datetime) -> Iterator[Page]:
        """Yield messages not told before, in order of their names; raises SourceDown."""
        box = self._open()
        present = {digest(name): name for name in box.keys()}  # noqa: SIM118  (iterating a mailbox yields its messages)
        known = {mark for mark in _marks(cursor) if mark in present}
        fresh = sorted((name, mark) for mark, name in present.items() if mark not in known)
        while True:
            batch, fresh = fresh[: self.page_size], fresh[self.page_size :]
            read = [(mark, self._read(box, name)) for name, mark in batch]
            known |= {mark for mark, each in read if each is not None}
            yield Page(
                records=tuple(each for _, each in read if isinstance(each, Record)),
                rejected=tuple(each for _, each in read if isinstance(each, Rejected)),
                cursor="".join(sorted(known)),
                watermark=None if fresh else now,
            )
            if not fresh:
                return

    def _open(self) -> "mailbox.Maildir":
        try:
            return mailbox.Maildir(self.path, create=False)
        except (mailbox.Error, OSError) as error:
            raise SourceDown(f"{self.source}: there is no Maildir at {self.path}") from error

    def _read(self, box: "mailbox.Maildir", name: str) -> Record | Rejected | None:
        """Return what is told of a message; None when it was taken away meanwhile, to be looked for again."""
        try:
            raw = box.get_bytes(name)
        except (KeyError, OSError):
            return None
        return told(self.source, self.stream, f"{self.path.name}/{name}", name, raw, self.zone)


def _marks(cursor: str) -> Iterator[str]:
    return (cursor[start : start + DIGEST_LENGTH] for start in range(0, len(cursor), DIGEST_LENGTH))
