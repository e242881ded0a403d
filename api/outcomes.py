"""What an operation of the layer may come to; each case is a struct, each is answered in its own way."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from approvals.results import (
    AlreadyDecided,
    BadVerdict,
    Decided,
    DecideResult,
    Difference,
    NotEditable,
    NotThisPerson,
    StaleDigest,
    UnknownAction,
)
from engine.memory import Tallies
from engine.source.problem import Problem
from evals.autonomy.gates import Check
from evals.autonomy.samples import Sample
from evals.autonomy.watching import Watched

DecideOutcome = DecideResult
Settling = Literal["happened", "missed", "retry", "drop", "hand-over"]
"""What a person says of an action that went wrong: unknown (happened, missed) or failed (retry, drop)."""


# --- running it -------------------------------------------------------------------------------------------------


class Advanced(msgspec.Struct, frozen=True, tag=True):
    """The simulated clock stands at `now` and every consequence is durable."""

    now: datetime


class NotSimulated(msgspec.Struct, frozen=True, tag=True):
    """The clock is the system's and cannot be moved."""


class Backwards(msgspec.Struct, frozen=True, tag=True):
    """A clock does not go back; it stands at `now`."""

    now: datetime


AdvanceOutcome = Advanced | NotSimulated | Backwards


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """A kill switch; `on` means pulled, so nothing in its scope is proposed or sent."""

    scope: str
    on: bool
    reason: str = ""
    by: str = ""
    at: datetime | None = None


class Autonomy(msgspec.Struct, frozen=True, kw_only=True):
    """How far one (ruleset, rule, action) may act by itself, on what evidence, and what is missing for the next."""

    ruleset: str
    rule: str
    action: str
    stage: Literal["shadow", "approval", "autonomous"]
    policy: str = ""
    labelled: int = 0
    correct: int = 0
    since: datetime | None = None
    missing: tuple[str, ...] = ()
    bound: float = 0.0
    window: int = 0
    left_out: Mapping[str, int] = {}
    fingerprint: str = ""
    share: float = 1.0
    audit: float = 1.0
    because: str = ""
    checks: tuple[Check, ...] = ()


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """All there is to know of one action's stage: where it stands, its labels, its history, what it depends on."""

    row: Autonomy
    samples: tuple[Sample, ...]
    history: tuple[Mapping[str, Any], ...]
    parts: Mapping[str, str]
    watched: Watched | None = None


class Audited(msgspec.Struct, frozen=True, kw_only=True):
    """An action that went by itself and that a person should look at."""

    action: str
    unit: str
    subject: str
    at: datetime


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The layer does not do this, for these reasons."""

    problems: tuple[Problem, ...]


OTHER_RULESET = "other-ruleset"
FORBIDDEN = frozenset({OTHER_RULESET, "no-person", "no-admin", "own-rule"})
"""Codes of problems that another person would not have: each such try is journalled."""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration, with all its faults; warnings do not stop it from running."""

    revision: str = ""
    rulesets: int = 0
    rules: int = 0
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it can run."""
        return not self.problems


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of the whole configuration, known by its digest, with the review that let it in.

    `id` is the digest of its archive, or the revision itself where the files in the folder ruled; decisions carry
    `revision`.
    """

    id: str
    active: bool
    created_at: datetime
    note: str = ""
    revision: str = ""
    commit: str = ""
    author: str = ""
    approvers: tuple[str, ...] = ()


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """The journal against its chain and its anchor; `problems` name the first entry that does not match.

    `anchored_from`: the entry from which on the anchor file tells, 0 when it does from the first.
    """

    entries: int
    head: str
    anchored: int = 0
    anchored_from: int = 0
    erased: int = 0
    problems: tuple[Problem, ...] = ()


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the layer serves; `reasons` say why not."""

    ready: bool
    reasons: tuple[str, ...] = ()


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """What is watched of a running layer.

    `lag`: how far the watermark of each source is behind the clock, None before its first. `down`: sources that do not
    answer. `entities`: how many are known. `behind`: since when the next timer is due and has not run, zero when none.
    `alarms`: in how many ways the present looked other than the past when that was looked at last.
    `spending`: how much of each budget of the day for models is spent, 1.0 all of it.
    """

    at: datetime
    tallies: Tallies
    lag: Mapping[str, timedelta | None]
    down: frozenset[str]
    switches: int
    entities: int
    behind: timedelta
    alarms: int = 0
    spending: Mapping[str, float] = {}


__all__ = [
    "AdvanceOutcome",
    "Advanced",
    "AlreadyDecided",
    "Audited",
    "Autonomy",
    "Backwards",
    "BadVerdict",
    "Bundle",
    "Checked",
    "DecideOutcome",
    "Decided",
    "Difference",
    "Measures",
    "NotEditable",
    "NotSimulated",
    "NotThisPerson",
    "Ready",
    "Refused",
    "Settling",
    "Stage",
    "StaleDigest",
    "Switch",
    "UnknownAction",
    "Verified",
]
