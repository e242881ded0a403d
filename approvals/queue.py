"""The inbox as one person works through it: one conversation for each account, the most urgent first."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from heapq import nsmallest
from typing import TypeAlias

import msgspec

from approvals.asking import in_hands, present
from approvals.context import Context
from approvals.policy import may_approve, may_decide
from approvals.priority import points, priority
from approvals.structs import Person, Policy
from engine.events import Action

_Urgency: TypeAlias = tuple[int, datetime, datetime, str]


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One action of a conversation.

    `in_hands`: who looks after it; `mine`: nobody else does, and it is not put off. `refusal`: why this person may not
    approve it.
    """

    action: Action
    points: int
    why: tuple[str, ...]
    in_hands: str = ""
    mine: bool = True
    refusal: str = ""


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """All that waits for a word on one account (`type:id`); as urgent as its most urgent action."""

    account: str
    label: str = ""
    points: int
    waiting: tuple[Waiting, ...]


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """All that waits for a word, the most urgent account first: each account's actions in order, or its first ones."""

    conversations: tuple[Conversation, ...]
    accounts: int
    waiting: int


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """Whose queue it is, and when it is looked at; `people` with who is away as they told."""

    person: Person
    context: Context
    people: Mapping[str, Person]
    now: datetime
    day: date


def conversations(actions: Iterable[Action], seat: Seat, *, mine: bool, most: int | None = None) -> Ranking:
    """Return what waits, by account; `mine` leaves out what the person has no say on or another looks after.

    The `most` first accounts are told in full, all without it; the others are counted.
    """
    accounts: dict[str, list[tuple[_Urgency, Action]]] = {}
    known: dict[tuple[str, str], tuple[Policy, bool]] = {}
    for action in actions:
        kind = action.policy, action.key.ruleset
        if kind not in known:  # who has a say depends on nothing else
            known[kind] = seat.context.policy(action), not may_decide(seat.person, action, seat.context.autonomy)
        policy, says = known[kind]
        if mine and not (says and _is_mine(action, seat)):
            continue
        weight = points(action, policy, seat.context.autonomy.currency, seat.now)
        accounts.setdefault(action.root or action.key.subject, []).append((_urgency(weight, action), action))
    ranked = [(min(map(_first, waiting)), account) for account, waiting in accounts.items()]
    first = sorted(ranked) if most is None else nsmallest(most, ranked)
    return Ranking(
        conversations=tuple(
            _conversation(account, sorted(accounts[account], key=_first), seat) for _, account in first
        ),
        accounts=len(ranked),
        waiting=sum(map(len, accounts.values())),
    )


def _conversation(account: str, waiting: Sequence[tuple[_Urgency, Action]], seat: Seat) -> Conversation:
    told = tuple(_waiting(action, seat) for _, action in waiting)
    return Conversation(account=account, points=told[0].points, waiting=told)


def _waiting(action: Action, seat: Seat) -> Waiting:
    context = seat.context
    urgent = priority(action, context.policy(action), context.autonomy.currency, seat.now)
    return Waiting(
        action=action,
        points=urgent.points,
        why=urgent.why,
        in_hands=in_hands(action),
        mine=_is_mine(action, seat),
        refusal=may_approve(seat.person, action, context.autonomy, context.authors_of(action)),
    )


def _is_mine(action: Action, seat: Seat) -> bool:
    """Whether nobody else looks after it, and it is not put off."""
    if action.not_before is not None and action.not_before > seat.now:
        return False
    hands = in_hands(action)
    if hands not in seat.people:
        return True
    holder = present(seat.people[hands], seat.people, seat.day)
    return holder is None or holder.id == seat.person.id


def _urgency(points: int, action: Action) -> _Urgency:
    ends = action.expires_at or datetime.max.replace(tzinfo=action.created_at.tzinfo)
    return -points, ends, action.created_at, action.id


def _first(pair: tuple[_Urgency, Action]) -> _Urgency:
    return pair[0]
