"""What the naive engine remembers of an action and its subject, and what it decides."""

from dataclasses import dataclass
from datetime import datetime

from tests.engine.inference.naive_feel import add, duration


@dataclass
class Life:
    """What is remembered of one action and subject."""

    live: bool = False
    fired: bool = False
    was_true: bool = False
    ended: str = ""
    false_since: datetime | None = None
    until: datetime | None = None
    sent_at: datetime | None = None
    episode: int = 0
    named: tuple[str, str, str, str] = ("", "", "", "")
    proposal: str = ""


@dataclass(frozen=True)
class Made:
    """One decision: what, about which rule, action and subject, and when."""

    kind: str
    at: datetime
    ruleset: str
    rule: str
    action: str
    subject: str
    proposal: str
    group: str = ""
    root: str = ""


Key = tuple[str, str, str, str]
"""Ruleset, rule, action, subject."""


def later(moment: datetime, text: str) -> datetime:
    found = add(moment, duration(text), 1)
    assert isinstance(found, datetime)
    return found


def rank(life: Life) -> tuple[bool, bool, bool]:
    return (life.live, life.fired and life.was_true, life.fired)
