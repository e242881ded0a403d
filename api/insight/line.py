"""An action in one line: what lists, figures and comparisons need of it, without payload and proof."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import msgspec

from api.folding import fold
from engine.events import Action, Consequence, HistoryItem
from engine.feel import Money

Word = Literal["approved", "edited", "rejected", ""]
Result = Literal["good", "bad", "open", ""]
_WORDS = ("approved", "scheduled", "rejected")
_MACHINES = frozenset({"system", "policy", "engine", "clock", "dispatch", "local", ""})
_SHORT = 240


class Line(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One action. `word` is the last human word that counted, `by` who gave it and `decided_at` when.

    `waited` is how long it lay before that word, `hands` who looks after it, `amount` the money it is about.
    `outcome` is what became of it by its horizon, `open` when neither good nor bad was seen, "" while nothing is known.
    `said` is what it is found by, without capitals; the subject's name is not in it, for that may change.
    """

    id: str
    ruleset: str
    rule: str
    action: str
    subject: str
    root: str
    operation: str
    consequence: Consequence
    state: str
    digest: str
    heading: str
    because: str
    recipient: str
    created_at: datetime
    expires_at: datetime | None = None
    not_before: datetime | None = None
    policy: str = ""
    revision: str = ""
    origin: str = ""
    version: int = 1
    word: Word = ""
    by: str = ""
    reason: str = ""
    decided_at: datetime | None = None
    ended_at: datetime | None = None
    hands: str = ""
    amount: Money | None = None
    outcome: Result = ""
    outcome_at: datetime | None = None
    said: str = ""

    @property
    def waited(self) -> timedelta | None:
        """How long a person took, None when nobody decided."""
        return self.decided_at - self.created_at if self.decided_at else None


def line_of(action: Action) -> Line:
    """Return the line of an action."""
    human = [each for each in action.history if _is_word(each)]
    edited = any(each.state == "edited" and is_person(each.by) for each in action.history)
    last = human[-1] if human else None
    word: Word = "" if last is None else "rejected" if last.state == "rejected" else "edited" if edited else "approved"
    ended = action.history[-1].at if action.history and action.state in _ENDED else None
    heading = str(action.payload.get("subject") or action.payload.get("title") or "")[:_SHORT]
    because = action.because[:_SHORT]
    return Line(
        id=action.id,
        ruleset=action.key.ruleset,
        rule=action.key.rule,
        action=action.key.action,
        subject=action.key.subject,
        root=action.root or action.key.subject,
        operation=action.operation,
        consequence=action.consequence,
        state=action.state,
        digest=action.digest,
        heading=heading,
        because=because,
        recipient=action.recipient,
        created_at=action.created_at.astimezone(UTC),
        expires_at=_utc(action.expires_at),
        not_before=_utc(action.not_before),
        policy=action.policy,
        revision=action.revision,
        origin=action.draft.origin if action.draft else "",
        version=action.version,
        word=word,
        by=last.by if last else "",
        reason=last.reason if last else "",
        decided_at=_utc(last.at) if last else None,
        ended_at=_utc(ended),
        hands=_hands(action),
        amount=_amount(action),
        said=fold(f"{heading} {because} {action.recipient} {action.key.rule} {action.key.subject}"),
    )


def _utc(at: datetime | None) -> datetime | None:
    """Return the moment in UTC: thousands of them are compared, and comparing across zones costs ten times as much."""
    return None if at is None else at.astimezone(UTC)


_ENDED = frozenset({"sent", "failed", "withdrawn", "rejected", "expired", "unknown"})


def _is_word(item: HistoryItem) -> bool:
    return item.state in _WORDS and is_person(item.by)


def is_person(by: str) -> bool:
    """Whether a history item was a person's doing, or a program's that holds a key."""
    return by not in _MACHINES and not by.startswith(("policy:", "worker", "dispatch"))


def _hands(action: Action) -> str:
    for item in reversed(action.history):
        if item.state in ("claimed", "delegated"):
            return item.by if item.state == "claimed" else item.reason
    return ""


def _amount(action: Action) -> Money | None:
    """Return the largest money of the payload, which is what the action is about."""
    found: list[Money] = []
    waiting: list[Any] = [action.payload]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Money):
            found.append(value)
        elif isinstance(value, dict):
            money = _money(value)
            waiting += () if money else value.values()
            found += (money,) if money else ()
        elif isinstance(value, list | tuple):
            waiting += value
    return max(found, key=lambda each: abs(each.amount), default=None)


def _money(value: Mapping[str, Any]) -> Money | None:
    """Return the money that a plain payload holds as `{"amount": ..., "currency": ...}`."""
    if value.keys() != {"amount", "currency"}:
        return None
    try:
        return Money(Decimal(str(value["amount"])), str(value["currency"]))
    except InvalidOperation:
        return None
