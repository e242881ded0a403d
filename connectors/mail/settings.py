"""The settings of a mailbox."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from connectors.settings import SourceSettings, StreamSettings
from connectors.strict import Settings
from engine.events import Consequence


class MailStream(StreamSettings, frozen=True, kw_only=True):
    """One folder, by default the inbox.

    `follow`: on an IMAP server, also what becomes of messages: `flags`, and that one is gone when it left the folder.
    """

    folder: str = ""
    follow: bool = False
    page_size: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 200


class Smtp(Settings, frozen=True, kw_only=True):
    """The server that takes our mail. `from` is the address that we send as."""

    sender: str = msgspec.field(name="from")
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 25
    tls: Literal["none", "starttls", "tls"] = "none"
    user: str = ""
    password: str = ""


class Imap(Settings, frozen=True, kw_only=True):
    """The server that keeps our mail; nothing there is changed, not even what counts as read.

    `ca`: a file with the certificates that the server's own is signed by, where the public ones do not do.
    """

    host: str
    user: str
    password: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 993
    tls: Literal["none", "starttls", "tls"] = "tls"
    ca: str = ""


class MailOperation(Settings, frozen=True, kw_only=True):
    """What may be said of the built-in `send`: that it is graver than code thinks."""

    consequence: Consequence = "medium"


class MailSource(SourceSettings, frozen=True, kw_only=True):
    """A mailbox, on an IMAP server or in a Maildir; a relative Maildir starts at the home folder."""

    maildir: str = ""
    imap: Imap | None = None
    smtp: Smtp | None = None
    streams: Mapping[str, MailStream] = {}
    operations: Mapping[Literal["send"], MailOperation] = {}
