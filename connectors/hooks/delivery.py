"""One delivery as it came, and what can become of it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import msgspec


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A request to a source's webhook; header names in lower case, `body` the bytes that were signed."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path of the address."""
        return "/" + self.url.partition("://")[2].partition("/")[2].partition("?")[0]

    @property
    def query_text(self) -> str:
        """What stands behind the question mark, as it came."""
        return self.url.partition("?")[2]

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters of the address."""
        return dict(parse_qsl(self.query_text, keep_blank_values=True))

    def content(self) -> Any:  # noqa: ANN401  (JSON)
        """Return the body's JSON, or the fields of a form; raises Unreadable."""
        if not self.body:
            return None
        try:
            if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
                return dict(parse_qsl(self.body.decode(), keep_blank_values=True))
            return msgspec.json.Decoder(float_hook=Decimal).decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError) as error:
            raise Unreadable(f"the body is no JSON: {error}") from error


class Denied(Exception):
    """The delivery does not prove that it is the vendor's; the message says in which way, and nothing of what came."""


class Unreadable(Exception):
    """The delivery is the vendor's, and cannot be read."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a handshake, as plain text."""

    text: str = ""
    headers: Mapping[str, str] = {}
