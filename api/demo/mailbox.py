"""The company's mail server: takes mail by SMTP, keeps every mailbox as a Maildir, loses nothing it has accepted."""

import os
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from api.demo.changes import ZONE, Letter
from api.demo.reactions import Delivered

DOMAIN = "anadolu-yapi.example"
COMPANY = f"accounts@{DOMAIN}"
DELIVERED_AT = "X-Delivered-At"


class Maildir:
    """One mailbox on disk; a mail is there whole or not at all (tmp, sync, rename)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for part in ("tmp", "new", "cur"):
            (path / part).mkdir(parents=True, exist_ok=True)

    def deliver(self, name: str, content: bytes) -> None:
        """Put a mail into `new` under this name; a mail of that name, read or not, stays as it is."""
        if (self.path / "new" / name).exists() or any((self.path / "cur").glob(f"{name}*")):
            return
        waiting = self.path / "tmp" / name
        with waiting.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        waiting.rename(self.path / "new" / name)
        folder = os.open(self.path / "new", os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def files(self) -> Iterator[Path]:
        """Yield the mails, oldest name first."""
        found = [path for part in ("new", "cur") for path in (self.path / part).iterdir()]
        return iter(sorted(found, key=lambda path: path.name))


def rendered(letter: Letter) -> bytes:
    """Return the letter as an Internet message (RFC 5322) to the company."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = f"{letter.name} <{letter.sender}>"
    mail["To"] = COMPANY
    mail["Date"] = letter.at
    mail["Subject"] = letter.subject
    mail["Message-ID"] = f"<{letter.id}@{letter.sender.partition('@')[2]}>"
    if letter.in_reply_to:
        mail["In-Reply-To"] = mail["References"] = letter.in_reply_to
    if letter.automatic:
        mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(letter.text)
    return mail.as_bytes()


def delivered(path: Path) -> Delivered:
    """Read back what reached a customer."""
    mail = message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=policy.default)
    body = mail.get_body(("plain",))
    return Delivered(
        at=_moment(mail),
        message_id=str(mail["Message-ID"] or path.name),
        to=str(mail["Delivered-To"]),
        subject=str(mail["Subject"] or ""),
        text=str(body.get_content()) if body else "",
    )


def _moment(mail: EmailMessage) -> datetime:
    """Return the server's stamp of delivery."""
    return datetime.fromisoformat(str(mail[DELIVERED_AT])).astimezone(ZONE)
