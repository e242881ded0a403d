"""The mail connector: streams from an IMAP server or a Maildir, the operation `send` over SMTP."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.mail.compose import Refused, compose, recipients
from connectors.mail.imap import ImapInbox
from connectors.mail.inbox import Inbox
from connectors.mail.sending import send
from connectors.mail.settings import MailOperation, MailSource
from connectors.settings import Surroundings, at_least
from engine.events import Receipt
from engine.ports import Operation, Page, SourceDown
from engine.source import ConfigError, Place, Problem


class MailConnector:
    """One mailbox; mail is sent only when the source says `write: true`."""

    def __init__(self, name: str, settings: MailSource, surroundings: Surroundings) -> None:
        self.name = name
        self.streams: Sequence[str] = tuple(settings.streams)
        self.operations: Mapping[str, Operation] = _operations(name, settings)
        self._settings = settings
        self._clock = surroundings.clock
        zone = ZoneInfo(settings.timezone) if settings.timezone else surroundings.zone
        self._inboxes = {stream: _inbox(name, stream, settings, surroundings.home, zone) for stream in settings.streams}

    async def read(self, stream: str, cursor: str) -> AsyncIterator[Page]:
        """Yield messages that the cursor does not know; raises SourceDown."""
        pages = self._inboxes[stream].pages(cursor, self._clock.now())
        while (page := await asyncio.to_thread(next, pages, None)) is not None:
            yield page

    async def perform(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:
        """Send one mail, marked with the key; its reference is the Message-ID."""
        smtp = self._settings.smtp
        if smtp is None or not self._settings.write:
            return Receipt(result="rejected", detail=f"{self.name} is read only; set `write: true` to allow sending")
        if operation.removeprefix(f"{self.name}.") != "send":
            return Receipt(result="rejected", detail=f"{self.name} has no operation {operation}")
        try:
            message = compose(payload, key, smtp.sender, self._clock.now())
        except Refused as refused:
            return Receipt(result="rejected", detail=str(refused))
        return await send(message, recipients(payload), smtp, self._settings.timeout.total_seconds())

    async def probe(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt | None:  # noqa: ARG002  (the port's signature)
        """SMTP cannot be asked what it delivered, so a person decides; raises SourceDown."""
        raise SourceDown(f"{self.name} cannot look up what was sent; a person must")

    async def aclose(self) -> None:
        """Hold nothing open: each mail has its own connection."""


def open_mail(name: str, settings: MailSource, surroundings: Surroundings) -> MailConnector:
    """Make the connector. Raises ConfigError when streams come from nowhere, or from two places."""
    place = Place(f"sources.{name}")
    if settings.maildir and settings.imap:
        message = "mail is read from `imap` or from a `maildir`, not from both"
        raise ConfigError((Problem(code="bad-setting", message=message, place=place),))
    if settings.maildir and any(each.follow for each in settings.streams.values()):
        message = "`follow` needs an `imap` server; a Maildir tells each message once"
        raise ConfigError((Problem(code="bad-setting", message=message, place=place),))
    if settings.streams and not (settings.maildir or settings.imap):
        message = "streams need an `imap` server or a `maildir`"
        raise ConfigError((Problem(code="missing-maildir", message=message, place=place),))
    return MailConnector(name, settings, surroundings)


def _inbox(name: str, stream: str, settings: MailSource, home: Path, zone: tzinfo) -> Inbox | ImapInbox:
    folder, size = settings.streams[stream].folder, settings.streams[stream].page_size
    if settings.imap:
        timeout = settings.timeout.total_seconds()
        ca = str(home / settings.imap.ca) if settings.imap.ca else ""
        follow = settings.streams[stream].follow
        return ImapInbox(name, stream, settings.imap, folder or "INBOX", size, timeout, zone, follow, ca)
    return Inbox(name, stream, home / settings.maildir / folder, size, zone)


def _operations(name: str, settings: MailSource) -> Mapping[str, Operation]:
    if settings.smtp is None:
        return {}
    declared = settings.operations.get("send", MailOperation())
    send_mail = Operation(
        name=f"{name}.send",
        consequence=at_least("medium", declared.consequence),
        idempotency="none",
        leaves_company=True,
        fields={"to": True, "subject": True, "text": True, "in_reply_to": False},
        editable=frozenset({"subject", "text"}),
        recipient="to",
        body="text",
    )
    return {"send": send_mail}
