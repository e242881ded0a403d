"""What can happen in the source systems: a row in the ERP, a note in the CRM, a letter in the mailbox."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

ZONE = ZoneInfo("Europe/Istanbul")
Table = Literal["LG_001_CLCARD", "LG_001_01_INVOICE", "LG_001_01_CLFLINE"]


class ErpRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that appears in the ERP or, with `update`, columns of it that change; appearing twice does nothing."""

    at: datetime
    table: Table
    ref: int
    values: dict[str, Any]
    update: bool = False


class FieldNote(msgspec.Struct, frozen=True, kw_only=True):
    """What one of the staff writes down in the CRM after a call or a visit."""

    at: datetime
    id: str
    account: str
    author: str
    kind: Literal["call", "visit", "promise", "dispute"]
    text: str
    promised_on: date | None = None
    invoice: str | None = None


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that reaches the company; `automatic` marks one that no person wrote (RFC 3834)."""

    at: datetime
    id: str
    sender: str
    name: str
    subject: str
    text: str
    in_reply_to: str = ""
    automatic: bool = False


Change = ErpRow | FieldNote | Letter


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """Return the local time on that day."""
    return datetime.combine(day, time(hour, minute), ZONE)


def steps(first: date, days: int) -> tuple[datetime, ...]:
    """Return the moments of the simulation: each day at 8, 12 and 17 o'clock."""
    return tuple(moment(first + timedelta(days=n), hour) for n in range(days) for hour in (8, 12, 17))


def utc_text(at: datetime) -> str:
    """Return the moment in UTC, in a form whose order as text is its order in time."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
