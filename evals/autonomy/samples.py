"""One labelled sample of an action, and why one does not count: pure functions."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

Source = Literal["verdict", "audit", "second", "outcome"]
UNREAD: Final[Mapping[str, str]] = {"bulk": "decided in bulk", "mcp": "decided through an assistant"}
"""Channels by which a word may be given on what nobody has read."""


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A person's last word: on an action that waited, or afterwards on one that went by itself.

    `gap` is the time since the action could be seen by this person: since it waited, or since their word before.
    """

    right: bool
    by: str
    at: datetime
    seq: int
    channel: str = ""
    gap: timedelta = timedelta.max
    reason: str = ""
    critical: bool = False


class Life(msgspec.Struct, kw_only=True):
    """What the journal has told of one action so far."""

    action: str
    unit: str
    subject: str
    proposed: int
    revision: str = ""
    state: str = "proposed"
    pending_at: datetime | None = None
    edited: bool = False
    word: Word | None = None
    audit: Word | None = None
    second: Word | None = None
    alone: bool = False
    audited: bool = False
    released: int = 0
    sent_at: datetime | None = None
    outcome: str = ""
    outcome_seq: int = 0
    outcome_at: datetime | None = None
    critical: bool = False


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One label: whether the action was right, who said so, and whether it counts; `why` tells why it does not."""

    action: str
    subject: str
    seq: int
    proposed: int
    at: datetime
    source: Source
    correct: bool
    by: str = ""
    critical: bool = False
    counts: bool = True
    why: str = ""
    reason: str = ""


def sample(life: Life, *, hasty: timedelta, waits: bool) -> Sample | None:
    """Return the label of an action, None while there is none.

    Correct is what a person approved unedited and what no declared bad outcome followed by its horizon; `waits` tells
    that such an outcome is declared. Silence labels nothing.
    """
    bad = life.outcome == "bad"
    word = life.audit or life.word
    if word is None:
        return _by_outcome(life) if bad else None
    if life.second is not None and not life.second.right:
        word = life.second
    right = word.right and not bad and (life.audit is not None or not life.edited)
    why = _why(life, word, hasty) if not bad else ""
    if right and not why and waits and not life.outcome:
        why = "its outcome is still watched" if life.sent_at or life.state != "withdrawn" else "it was never sent"
    return Sample(
        action=life.action, subject=life.subject, seq=max(word.seq, life.outcome_seq if bad else 0),
        proposed=life.proposed, at=word.at, source=_source(life, word), correct=right, by=word.by,
        critical=life.critical or word.critical, counts=not why, why=why, reason=word.reason,
    )  # fmt: skip


def _source(life: Life, word: Word) -> Source:
    return "second" if word is life.second else "audit" if life.audit else "verdict"


def _by_outcome(life: Life) -> Sample:
    assert life.outcome_at is not None  # said together with the outcome
    return Sample(
        action=life.action, subject=life.subject, seq=life.outcome_seq, proposed=life.proposed,
        at=life.outcome_at, source="outcome", correct=False, by="outcome", critical=life.critical,
        reason="a declared bad outcome",
    )  # fmt: skip


def _why(life: Life, word: Word, hasty: timedelta) -> str:
    if life.audit is not None or word is life.second:
        return ""
    if word.channel in UNREAD:
        return UNREAD[word.channel]
    return f"decided within {hasty.total_seconds():g} seconds" if word.gap < hasty else ""
