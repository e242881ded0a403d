"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Dialect, Integer, Text, TypeDecorator

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

BIG: Final = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer that SQLite also takes as a row id."""


def micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC; raises ValueError for a moment without zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return (moment - _EPOCH) // _MICROSECOND


def instant(number: int) -> datetime:
    """The moment, in UTC."""
    return _EPOCH + number * _MICROSECOND


class Instant(TypeDecorator[datetime]):
    """A moment, kept as microseconds since 1970 in UTC: exact, short and in order on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002  (the base's form)
        """To the database."""
        return None if value is None else micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002
        """From the database."""
        return None if value is None else instant(value)


class Words(TypeDecorator[str]):
    """Text that both databases take, whatever a source system sends."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002  (the base's form)
        """To the database."""
        return None if value is None else clean(value)


def clean(text: str) -> str:
    """The text without what no database stores: NUL becomes its symbol, half a surrogate pair a question mark."""
    if "\0" in text:
        text = text.replace("\0", "\u2400")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
