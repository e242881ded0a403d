"""What a person should look at first: by consequence, money and deadline, each with its reason; pure functions."""

from datetime import datetime, timedelta

import msgspec

from approvals.policy import Amount, amount_of
from approvals.structs import Policy
from engine.events import Action

_CONSEQUENCE = {"none": 0, "low": 10, "medium": 25, "high": 40}
_DEADLINES = ((timedelta(hours=1), 40), (timedelta(hours=4), 30), (timedelta(days=1), 20), (timedelta(days=3), 10))
FAR = _DEADLINES[-1][0]
_DIGIT, _MOST_DIGITS, _UNREADABLE = 5, 7, 20
_CALLS = {"escalated": 15, "reminded": 5}


class Priority(msgspec.Struct, frozen=True):
    """How urgent something is; `why` names what made it so, the heaviest first."""

    points: int = 0
    why: tuple[str, ...] = ()


def priority(action: Action, policy: Policy, currency: str, now: datetime) -> Priority:
    """Return how urgent a pending action is; money in another currency than the company's counts as unreadable."""
    amount = amount_of(action.payload, policy.amount)
    parts = [
        (_CONSEQUENCE[action.consequence], f"{action.consequence} consequence"),
        (_money(amount, currency), _told(amount, currency)),
        (
            pressing(action.expires_at, now),
            f"expires {action.expires_at.isoformat(timespec='minutes')}" if action.expires_at else "",
        ),
        *((points, word) for word, points in _CALLS.items() if any(item.state == word for item in action.history)),
    ]
    ordered = sorted((part for part in parts if part[0]), key=lambda part: -part[0])
    return Priority(sum(points for points, _ in ordered), tuple(why for _, why in ordered))


def lasting(action: Action, policy: Policy, currency: str) -> int:
    """Return the points of `priority` that do not change with time; of thousands they are worked out once."""
    found = _CONSEQUENCE[action.consequence]
    if policy.amount in action.payload:
        found += _money(amount_of(action.payload, policy.amount), currency)
    called = {item.state for item in action.history} & _CALLS.keys()
    return found + sum(map(_CALLS.__getitem__, called))


def pressing(ends: datetime | None, now: datetime) -> int:
    """Return the points of `priority` for how soon it ends."""
    if ends is None or ends > now + FAR:
        return 0
    return next(points for span, points in _DEADLINES if ends <= now + span)


def _money(amount: Amount | None, currency: str) -> int:
    if amount is None:
        return 0
    if amount.value is None or amount.currency not in ("", currency):
        return _UNREADABLE
    digits = len(str(int(abs(amount.value)))) if abs(amount.value) >= 1 else 0
    return _DIGIT * min(digits, _MOST_DIGITS)


def _told(amount: Amount | None, currency: str) -> str:
    if amount is None:
        return ""
    if amount.value is None or amount.currency not in ("", currency):
        return "an amount that cannot be compared"
    return f"{amount.value:f} {amount.currency or currency}".strip()
