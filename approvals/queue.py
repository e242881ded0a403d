"""The inbox as one person works through it: one conversation for each account, the most urgent first."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import msgspec

from approvals.asking import in_hands, present
from approvals.context import Context
from approvals.policy import may_approve, may_decide
from approvals.priority import priority
from approvals.structs import Person
from engine.events import Action


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


def conversations(
    actions: Iterable[Action],
    person: Person,
    context: Context,
    people: Mapping[str, Person],
    now: datetime,
    day: date,
    *,
    mine: bool,
) -> tuple[Conversation, ...]:
    """Return what waits, by account; `mine` leaves out what the person has no say on or another looks after."""
    accounts: dict[str, list[Waiting]] = {}
    for action in actions:
        if may_decide(person, action, context.autonomy) and mine:
            continue
        waiting = _waiting(action, person, context, people, now, day)
        if waiting.mine or not mine:
            accounts.setdefault(action.root or action.key.subject, []).append(waiting)
    found = [_conversation(account, waiting) for account, waiting in accounts.items()]
    return tuple(sorted(found, key=lambda each: _urgency(each.waiting[0])))


def _waiting(
    action: Action, person: Person, context: Context, people: Mapping[str, Person], now: datetime, day: date
) -> Waiting:
    policy = context.policy(action)
    urgent = priority(action, policy, context.autonomy.currency, now)
    hands = in_hands(action)
    holder = present(people[hands], people, day) if hands in people else None
    put_off = action.not_before is not None and action.not_before > now
    authors = context.authors_of(action)
    return Waiting(
        action=action,
        points=urgent.points,
        why=urgent.why,
        in_hands=hands,
        mine=not put_off and (holder is None or holder.id == person.id),
        refusal=may_approve(person, action, context.autonomy, authors),
    )


def _conversation(account: str, waiting: list[Waiting]) -> Conversation:
    ordered = tuple(sorted(waiting, key=_urgency))
    return Conversation(account=account, points=ordered[0].points, waiting=ordered)


def _urgency(waiting: Waiting) -> tuple[int, datetime, datetime, str]:
    action = waiting.action
    return -waiting.points, action.expires_at or datetime.max.replace(tzinfo=action.created_at.tzinfo), *_age(action)


def _age(action: Action) -> tuple[datetime, str]:
    return action.created_at, action.id
