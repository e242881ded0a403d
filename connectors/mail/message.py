"""One message from bytes to the fields of a record, or to what is broken in it."""

from datetime import datetime, tzinfo
from email import message_from_bytes, policy
from email.errors import (
    CloseBoundaryNotFoundDefect,
    InvalidMultipartContentTransferEncodingDefect,
    MessageDefect,
    MissingHeaderBodySeparatorDefect,
    MultipartInvariantViolationDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from connectors.mail.marks import KEY_HEADER, is_own
from connectors.mail.text import from_html, split_quoted

BROKEN = (
    CloseBoundaryNotFoundDefect,
    InvalidMultipartContentTransferEncodingDefect,
    MissingHeaderBodySeparatorDefect,
    MultipartInvariantViolationDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
HEADER_FAULTS = (ValueError, LookupError, AttributeError, TypeError)
"""What the standard library's header parser raises on headers that are none."""


class BrokenMessage(Exception):
    """The bytes are no message that can be understood; the text says what is wrong."""


def parse(raw: bytes, zone: tzinfo) -> dict[str, Any]:
    """Return the fields of a message; raises BrokenMessage."""
    message = message_from_bytes(raw, policy=policy.default)
    if not message.keys():
        raise BrokenMessage("there are no headers")
    if fault := _defect(message):
        raise BrokenMessage(fault)
    try:
        fields = _fields(message, zone)
    except HEADER_FAULTS as error:
        raise BrokenMessage(f"a header cannot be read: {error}") from error
    if not fields["from"]:
        raise BrokenMessage("there is no sender address")
    return fields


def _fields(message: EmailMessage, zone: tzinfo) -> dict[str, Any]:
    text, quoted = split_quoted(_text(message))
    identifier, key = _identifier(message, "Message-ID"), _header(message, KEY_HEADER)
    senders = _addresses(message, "From") or _addresses(message, "Sender")
    answered = _identifiers(message, "In-Reply-To")
    return {
        "message_id": identifier,
        "in_reply_to": answered[0] if answered else "",
        "references": _identifiers(message, "References"),
        "from": senders[0][1] if senders else "",
        "from_name": senders[0][0] if senders else "",
        "to": [address for _, address in _addresses(message, "To")],
        "cc": [address for _, address in _addresses(message, "Cc")],
        "subject": _header(message, "Subject"),
        "date": _date(message, zone),
        "text": text,
        "quoted": quoted,
        "attachments": sum(1 for _ in message.iter_attachments()) if message.is_multipart() else 0,
        "automatic": _automatic(message),
        "key": key,
        "own": is_own(identifier, key),
    }


def _defect(message: EmailMessage) -> str:
    """Return the first defect that makes parts unreadable, anywhere in the message."""
    found: list[MessageDefect] = [defect for part in message.walk() for defect in part.defects]
    for defect in found:
        if isinstance(defect, BROKEN):
            name = type(defect).__name__.removesuffix("Defect")
            return f"broken MIME: {name}"
    return ""


def _text(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        raise BrokenMessage("the text part cannot be decoded")
    text = _decoded(data, part.get_content_charset() or "utf-8")
    return from_html(text) if part.get_content_subtype() == "html" else text


def _decoded(data: bytes, charset: str) -> str:
    """Decode by the declared charset, else UTF-8, else Latin-1, which always gives something."""
    for name in (charset, "utf-8"):
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1")


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def _addresses(message: EmailMessage, name: str) -> list[tuple[str, str]]:
    pairs = getaddresses([str(value) for value in message.get_all(name, [])])
    return [(title, address.lower()) for title, address in pairs if "@" in address]


def _identifiers(message: EmailMessage, name: str) -> list[str]:
    return [word.strip("<>,") for word in _header(message, name).replace("><", "> <").split() if "@" in word]


def _identifier(message: EmailMessage, name: str) -> str:
    found = _identifiers(message, name)
    return found[0] if found else _header(message, name).strip("<>")


def _date(message: EmailMessage, zone: tzinfo) -> datetime | None:
    try:
        date = parsedate_to_datetime(_header(message, "Date"))
    except (ValueError, TypeError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=zone)


def _automatic(message: EmailMessage) -> bool:
    """Whether no person wrote it (RFC 3834, and the headers that came before it)."""
    return (
        _header(message, "Auto-Submitted").lower() not in {"", "no"}
        or _header(message, "Precedence").lower() in {"auto_reply", "bulk", "junk"}
        or _header(message, "X-Autoreply").lower() not in {"", "no"}
        or message.get_content_type() == "multipart/report"
    )
