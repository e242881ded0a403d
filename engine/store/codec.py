"""Structs and bodies as JSON text in the database, and back without loss."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar

import msgspec

from engine.canonical import from_plain, to_plain

T = TypeVar("T")

_KEPT: Final = (Decimal, date, datetime, time, timedelta)


def encode(value: object) -> str:
    """The JSON text of a struct or of FEEL values; raises TypeError or ValueError for what has no form."""
    return msgspec.json.encode(to_plain(value)).decode()


def decode(text: str | bytes, kind: type[T]) -> T:
    """The struct again; raises ValueError when the text is no such struct."""
    return msgspec.convert(from_plain(msgspec.json.decode(text)), kind, builtin_types=_KEPT)


def decode_body(text: bytes) -> Mapping[str, Any]:
    """The body of a journal entry."""
    body: dict[str, Any] = from_plain(msgspec.json.decode(text))
    return body
