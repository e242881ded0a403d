"""From a payload to the mail that will be sent; a payload that would break out of its headers is refused."""

import re
from collections.abc import Mapping
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from connectors.mail.marks import KEY_HEADER, message_id

CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
IDENTIFIER = re.compile(r"[^\s<>]+@[^\s<>]+")


class Refused(Exception):
    """The payload makes no mail that may be sent."""


def compose(payload: Mapping[str, Any], key: str, sender: str, now: datetime) -> EmailMessage:
    """Return the mail for `to`, `subject`, `text`, `html` and `in_reply_to`; raises Refused."""
    message = EmailMessage(policy=policy.SMTP)
    sending = address(sender, "from")
    message["From"] = sending
    message["To"] = [address(each, "to") for each in recipients(payload)]
    message["Subject"] = one_line(payload.get("subject"), "subject")
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{message_id(key, sending.domain)}>"
    message[KEY_HEADER] = one_line(key, "key")
    if answered := payload.get("in_reply_to"):
        identifier = one_line(answered, "in_reply_to").strip("<>")
        if not IDENTIFIER.fullmatch(identifier):
            raise Refused(f"in_reply_to is no Message-ID: {identifier!r}")
        message["In-Reply-To"] = message["References"] = f"<{identifier}>"
    text = payload.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Refused("there is no text")
    message.set_content(text, charset="utf-8")
    if isinstance(html := payload.get("html"), str) and html.strip():
        message.add_alternative(html, subtype="html", charset="utf-8")
    return message


def recipients(payload: Mapping[str, Any]) -> list[str]:
    """Return the addresses of `to`, which is one or a list; raises Refused when there is none."""
    to = payload.get("to")
    found = [to] if isinstance(to, str) else list(to) if isinstance(to, list | tuple) else []
    if not found or not all(found):
        raise Refused("there is no recipient")
    return found


def address(text: object, field: str) -> Address:
    """Return one address, with no name, no list and nothing hidden in it; raises Refused."""
    plain = one_line(text, field).strip()
    try:
        found = Address(addr_spec=plain)
    except (ValueError, IndexError) as error:
        raise Refused(f"{field} is not one e-mail address: {plain!r}") from error
    if not (plain.isascii() and found.username and found.domain):
        raise Refused(f"{field} is not one e-mail address: {plain!r}")
    return found


def one_line(value: object, field: str) -> str:
    """Return a header's text; raises Refused when a line break or control character is in it."""
    if not isinstance(value, str) or not value.strip():
        raise Refused(f"there is no {field}")
    if CONTROL.search(value):
        raise Refused(f"{field} holds a line break or control character")
    return value
