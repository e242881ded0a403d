"""What became of what came in, and of the sources it comes from."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from engine.source.problem import Problem


class Ingested(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one record; a rejected one waits in quarantine under `quarantine`."""

    status: Literal["accepted", "duplicate", "rejected"]
    problem: Problem | None = None
    quarantine: str = ""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one delivery to a webhook; `text` and `headers` answer a handshake."""

    what: Literal["taken", "greeted", "denied", "unknown", "closed", "unreadable", "too-long"]
    detail: str = ""
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    text: str = ""
    headers: Mapping[str, str] = {}


class Synced(msgspec.Struct, frozen=True, kw_only=True):
    """One source read once; `problem` when it could not be read to the end."""

    source: str
    records: int = 0
    rejected: int = 0
    problem: Problem | None = None


class QuarantineItem(msgspec.Struct, frozen=True, kw_only=True):
    """Something that came in and could not be used, with its reason."""

    id: str
    source: str
    stream: str
    key: str
    raw: str
    problem: Problem
    at: datetime
    times: int = 1


class SourceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How fresh a source is; `every` is its sync interval (None: it is pushed), `fresh_at` its watermark.

    `lag` is how far the watermark is behind, `limit` (`stale_after`) how far it may be before an alarm.
    `webhook`: whether its system may send by itself.
    """

    name: str
    connector: str = ""
    every: timedelta | None = None
    state: Literal["fresh", "stale", "down", "never"] = "never"
    fresh_at: datetime | None = None
    lag: timedelta | None = None
    limit: timedelta | None = None
    detail: str = ""
    webhook: Literal["", "open", "closed"] = ""
