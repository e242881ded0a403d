"""A scripted operator: what a sensible person at the inbox would answer, the same for the same mail on every run."""

from datetime import datetime
from typing import Literal

import msgspec

from api.demo.chance import chance
from api.demo.changes import ZONE


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that waits for a person: whom it is for (`customer:ID`), and which rule wants it."""

    id: str
    ruleset: str
    rule: str
    subject: str


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's word on one mail."""

    verdict: Literal["approve", "reject"]
    by: str
    reason: str


class Operator:
    """Approves reminders in office hours; rejects one first reminder in sixteen, never a later one."""

    def __init__(self, seed: int, person: str = "ayse") -> None:
        self._seed = seed
        self._person = person

    def rule(self, mail: Waiting, at: datetime) -> Ruling | None:
        """Return the verdict on a waiting mail, None for "not at this hour"."""
        local = at.astimezone(ZONE)
        if local.weekday() > 4 or not 9 <= local.hour < 18:
            return None
        draw = chance(self._seed, "operator", mail.ruleset, mail.rule, mail.subject).random()
        if mail.rule.startswith("first") and draw < 1 / 16:
            return Ruling(verdict="reject", by=self._person, reason="I spoke to them yesterday; no letter this time.")
        return Ruling(verdict="approve", by=self._person, reason="")
