"""Why something was decided, or was not: what explanations, funnels and questions answer."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from engine.events import Action, Decision, Proof


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why something was decided; `id` names a decision or an action."""

    id: str
    decision: Decision
    action: Action | None = None


class Conjunct(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a condition, with its truth, what it read, and in `advice` what would make it true or is missing.

    `holds_from` is when it becomes true if nothing but the time changes: a day, or an instant.
    """

    text: str
    truth: Literal["true", "false", "null", "unresolved", "faulty"]
    reason: str = ""
    values: Mapping[str, Any] = {}
    advice: str = ""
    holds_from: date | datetime | None = None


class FunnelStage(msgspec.Struct, frozen=True, kw_only=True):
    """How many subjects pass one conjunct alone, and how many pass it and all before it."""

    text: str
    passing: int
    left: int


class Funnel(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's condition over all its subjects, conjunct by conjunct."""

    rule: str
    subject: str
    subjects: int
    stages: tuple[FunnelStage, ...] = ()


class ActionStanding(msgspec.Struct, frozen=True, kw_only=True):
    """How one action of a rule stands for a subject: proposed, or what keeps it though the rule holds.

    `live`, `remembered` (true already when the rule or its data came), `done` (sent, rejected, expired, failed),
    `replaced`, `ended` (its `while`), `withdrawn`, `resting` (its `cooldown`); `again_at` is when it may come again.
    """

    action: str
    state: Literal["live", "remembered", "done", "replaced", "ended", "withdrawn", "resting"]
    reason: str
    proposal: str = ""
    again_at: datetime | None = None


class WhyNot(msgspec.Struct, frozen=True, kw_only=True):
    """Why a rule does (not) hold for a subject; `sentence` names the first conjunct that failed."""

    rule: str
    subject: str
    truth: Literal["true", "false", "null", "unresolved", "faulty"]
    sentence: str
    conjuncts: tuple[Conjunct, ...] = ()
    actions: tuple[ActionStanding, ...] = ()
    proof: Proof | None = None
