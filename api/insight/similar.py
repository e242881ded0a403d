"""What people decided before in cases like this one, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from api.insight.line import Line, line_of
from engine.events import Action

NEAREST = 5
EARLIER = 8


@dataclass(frozen=True, slots=True)
class Precedents:
    """How people decided the same action before, and the decided cases that are most like it."""

    decided: int = 0
    approved: int = 0
    edited: int = 0
    rejected: int = 0
    nearest: tuple[Line, ...] = ()


def precedents(lines: Sequence[Line], action: Action) -> Precedents:
    """Return the human decisions on the same (ruleset, rule, action), the nearest first.

    Nearest: the same account first, then by amount where both have one, then the newest.
    """
    own = line_of(action)
    same = [
        each
        for each in lines
        if each.word
        and each.id != own.id
        and (each.ruleset, each.rule, each.action) == (own.ruleset, own.rule, own.action)
    ]
    ordered = sorted(same, key=lambda each: (each.root != own.root, _apart(each, own)))
    words = [each.word for each in same]
    return Precedents(
        decided=len(same),
        approved=words.count("approved"),
        edited=words.count("edited"),
        rejected=words.count("rejected"),
        nearest=tuple(ordered[:NEAREST]),
    )


def earlier(lines: Sequence[Line], action: Action) -> tuple[Line, ...]:
    """Return the other actions about the same account, newest first."""
    root = action.root or action.key.subject
    return tuple(each for each in lines if each.root == root and each.id != action.id)[:EARLIER]


def _apart(one: Line, other: Line) -> Decimal:
    """Return how far two amounts are apart, as a share of the larger; 1 where they cannot be compared."""
    first, second = one.amount, other.amount
    if first is None or second is None or first.currency != second.currency:
        return Decimal(1)
    largest = max(abs(first.amount), abs(second.amount))
    return abs(first.amount - second.amount) / largest if largest else Decimal(0)
