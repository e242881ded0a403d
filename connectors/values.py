"""From what drivers and decoders return to FEEL values, and digests of them."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any

import msgspec

DIGEST_BYTES = 9
DIGEST_LENGTH = 12


AS_IT_IS = frozenset({type(None), bool, str, timedelta, date, time})


def plain(value: object, zone: tzinfo) -> Any:  # noqa: ANN401  (a FEEL value is any of many types)
    """Return the FEEL value: numbers as Decimal, local times placed in `zone`, the unknown as its text."""
    kind = type(value)
    if kind in AS_IT_IS:
        return value
    if kind is int:
        return Decimal(value)  # type: ignore[arg-type]  # mypy does not narrow by `type() is`
    return _plain(value, zone)


def _plain(value: object, zone: tzinfo) -> Any:  # noqa: ANN401  (a FEEL value)
    match value:
        case float():
            return number(value)
        case datetime():
            return value if value.tzinfo else value.replace(tzinfo=zone)
        case Decimal():
            return value if value.is_finite() else None
        case Mapping():
            return {str(key): plain(item, zone) for key, item in value.items()}
        case list() | tuple():
            return [plain(item, zone) for item in value]
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case _:
            return str(value)


def number(value: float) -> Decimal | None:
    """Return the shortest decimal that reads back as this number; None for what is no number."""
    decimal = Decimal(repr(value))
    return decimal if decimal.is_finite() else None


def digest(value: object) -> str:
    """Return 12 characters that stand for a value's content (72 bits of BLAKE2b)."""
    data = msgspec.json.encode(value, enc_hook=str, order="deterministic")
    return urlsafe_b64encode(hashlib.blake2b(data, digest_size=DIGEST_BYTES).digest()).decode()


def moment(value: object, zone: tzinfo) -> datetime | None:
    """Return the aware moment that a cursor value names; None when it is no time, e.g. a sequence number."""
    match value:
        case datetime():
            return value if value.tzinfo else value.replace(tzinfo=zone)
        case date():
            return datetime(value.year, value.month, value.day, tzinfo=zone)
        case str():
            return _parsed(value, zone)
        case _:
            return None


def _parsed(text: str, zone: tzinfo) -> datetime | None:
    if not text[:4].isdigit() or "-" not in text:
        return None
    try:
        return moment(datetime.fromisoformat(text), zone)
    except ValueError:
        return None


def key_of(values: list[Any]) -> str:
    """Return the record key: the one value, or several joined by `|`."""
    return "|".join(str(value) for value in values)
