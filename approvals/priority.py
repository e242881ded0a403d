"""What a person should look at first: by consequence, money and deadline, each with its reason; pure functions."""

from datetime import datetime, timedelta

import msgspec

from approvals.policy import amount_of
from approvals.structs import Policy
from engine.events import Action

_CONSEQUENCE = {"none": 0, "low": 10, "medium": 25, "high": 40}
_DEADLINES = ((timedelta(hours=1), 40), (timedelta(hours=4), 30), (timedelta(days=1), 20), (timedelta(days=3), 10))
_DIGIT, _MOST_DIGITS, _UNREADABLE = 5, 7, 20
_CALLS = {"escalated": 15, "reminded": 5}


class Priority(msgspec.Struct, frozen=True):
    """How urgent something is; `why` names what made it so, the heaviest first."""

    points: int = 0
    why: tuple[str, ...] = ()


def priority(action: Action, policy: Policy, currency: str, now: datetime) -> Priority:
    """Return how urgent a pending action is; money in another currency than the company's counts as unreadable."""
    parts = [
        (_CONSEQUENCE[action.consequence], f"{action.consequence} consequence"),
        _money(action, policy, currency),
        _deadline(action, now),
        *((points, word) for word, points in _CALLS.items() if any(item.state == word for item in action.history)),
    ]
    ordered = sorted((part for part in parts if part[0]), key=lambda part: -part[0])
    return Priority(sum(points for points, _ in ordered), tuple(why for _, why in ordered))


def _money(action: Action, policy: Policy, currency: str) -> tuple[int, str]:
    amount = amount_of(action.payload, policy.amount)
    if amount is None:
        return 0, ""
    if amount.value is None or amount.currency not in ("", currency):
        return _UNREADABLE, "an amount that cannot be compared"
    digits = len(str(int(abs(amount.value)))) if abs(amount.value) >= 1 else 0
    return _DIGIT * min(digits, _MOST_DIGITS), f"{amount.value:f} {amount.currency or currency}".strip()


def _deadline(action: Action, now: datetime) -> tuple[int, str]:
    if action.expires_at is None:
        return 0, ""
    left = action.expires_at - now
    points = next((points for span, points in _DEADLINES if left <= span), 0)
    return points, f"expires {action.expires_at.isoformat(timespec='minutes')}"
