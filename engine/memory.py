"""What the store keeps beside the flow's own structs: quarantine, versions, keys, snapshots."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from engine.events import Draft
from engine.settings.people import Role
from engine.source.problem import Problem

QuarantineState = Literal["waiting", "retried", "dropped"]


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """Something that came in and could not be used, with how often it came."""

    id: str
    source: str
    stream: str
    key: str
    raw: str
    problem: Problem
    state: QuarantineState
    first_at: datetime
    last_at: datetime
    times: int


class Hint(msgspec.Struct, frozen=True):
    """A source said that a record changed: it is to be read again by its key, "" for a look at the whole stream.

    `gone`: the source said that it is gone. `told` counts how often since it was last read.
    """

    source: str
    stream: str
    key: str
    gone: bool = False
    told: int = 1


class Tallies(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is of what; `oldest_pending`: since when the oldest action waits for a person."""

    actions: Mapping[str, int]
    oldest_pending: datetime | None
    quarantined: int
    head: int


class ActionVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One payload that an action had, as it was shown under its digest."""

    action: str
    version: int
    digest: str
    at: datetime
    operation: str
    recipient: str
    payload: Mapping[str, Any]
    draft: Draft | None = None


class Snapshot(msgspec.Struct, frozen=True):
    """The engine's state after an entry of the journal."""

    seq: int
    content: bytes


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key for programs, or a person's web session; the secret itself is never kept. No role: the person's."""

    id: str
    name: str
    role: Role | None = None
    kind: Literal["api", "session"] = "api"
    person: str = ""
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """A pulled kill switch: why, by whom, since when."""

    reason: str
    by: str
    at: datetime


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """What was destroyed about a person. `live` names actions not yet ended, whose texts were left standing."""

    person: str
    seq: int
    entries: int
    actions: int
    live: tuple[str, ...] = ()


class VerifyReport(msgspec.Struct, frozen=True, kw_only=True):
    """What recomputing the journal found; sound when there are no problems.

    `anchored_from`: the entry from which on the anchor file tells, 0 when it does from the first.
    """

    entries: int
    erased: int
    anchors: int
    head: str
    anchored_from: int = 0
    problems: tuple[Problem, ...] = ()
