"""The settings of a mailbox."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from connectors.settings import Settings, SourceSettings, StreamSettings
from engine.events import Consequence


class MailStream(StreamSettings, frozen=True, kw_only=True):
    """One folder of the Maildir, by default its inbox."""

    folder: str = ""
    page_size: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 200


class Smtp(Settings, frozen=True, kw_only=True):
    """The server that takes our mail. `from` is the address that we send as."""

    sender: str = msgspec.field(name="from")
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 25
    tls: Literal["none", "starttls", "tls"] = "none"
    user: str = ""
    password: str = ""


class MailOperation(Settings, frozen=True, kw_only=True):
    """What may be said of the built-in `send`: that it is graver than code thinks."""

    consequence: Consequence = "medium"


class MailSource(SourceSettings, frozen=True, kw_only=True):
    """A mailbox; a relative Maildir starts at the home folder."""

    maildir: str = ""
    smtp: Smtp | None = None
    streams: Mapping[str, MailStream] = {}
    operations: Mapping[Literal["send"], MailOperation] = {}
