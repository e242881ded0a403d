"""The inbox as one person works through it: one conversation for each account, the most urgent first."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from heapq import nsmallest
from typing import TypeAlias

import msgspec

from approvals.asking import in_hands, present
from approvals.context import Context
from approvals.policy import may_approve, may_decide
from approvals.priority import FAR, lasting, pressing, priority
from approvals.structs import Person
from engine.events import Action

_Urgency: TypeAlias = tuple[int, datetime, datetime, str]
_SPARE = 1000
_NEVER = datetime.max.replace(tzinfo=UTC)


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


class Weighed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an action's place in the queue rests on but for the time; moments in UTC, for thousands are compared."""

    action: Action
    account: str
    kind: tuple[str, str]
    points: int
    ends: datetime | None
    since: datetime
    put_off: datetime | None
    hands: str


class Scales:
    """Weighs actions; what it found is kept as long as an action is the very same."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._kept: dict[str, Weighed] = {}

    def weigh(self, actions: Iterable[Action]) -> list[Weighed]:
        """Return what waits, weighed."""
        kept, found = self._kept, []
        for each in actions:
            weighed = kept.get(each.id)
            if weighed is None or weighed.action is not each:
                weighed = kept[each.id] = self._weighed(each)
            found.append(weighed)
        if len(kept) > 2 * len(found) + _SPARE:  # most of it waits no more
            self._kept = {each.action.id: each for each in found}
        return found

    def _weighed(self, action: Action) -> Weighed:
        policy = self.context.policy(action)
        return Weighed(
            action=action, account=action.root or action.key.subject, kind=(action.policy, action.key.ruleset),
            points=lasting(action, policy, self.context.autonomy.currency), ends=_utc(action.expires_at),
            since=action.created_at.astimezone(UTC), put_off=_utc(action.not_before), hands=in_hands(action),
        )  # fmt: skip


def conversations(weighed: Iterable[Weighed], seat: Seat, *, mine: bool, most: int | None = None) -> Ranking:
    """Return what waits, by account; `mine` leaves out what the person has no say on or another looks after.

    The `most` first accounts are told in full, all without it; the others are counted.
    """
    accounts: dict[str, list[tuple[_Urgency, Action]]] = {}
    says: dict[tuple[str, str], bool] = {}
    soon, now = seat.now.astimezone(UTC) + FAR, seat.now.astimezone(UTC)
    for each in weighed:
        if each.kind not in says:  # who has a say depends on nothing else
            says[each.kind] = not may_decide(seat.person, each.action, seat.context.autonomy)
        if mine and not (says[each.kind] and _is_mine(each.hands, each.put_off, seat)):
            continue
        ends = each.ends or _NEVER
        points = each.points + pressing(ends, now) if ends <= soon else each.points
        urgency = (-points, ends, each.since, each.action.id)
        accounts.setdefault(each.account, []).append((urgency, each.action))
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
    context, hands = seat.context, in_hands(action)
    urgent = priority(action, context.policy(action), context.autonomy.currency, seat.now)
    return Waiting(
        action=action,
        points=urgent.points,
        why=urgent.why,
        in_hands=hands,
        mine=_is_mine(hands, action.not_before, seat),
        refusal=may_approve(seat.person, action, context.autonomy, context.authors_of(action)),
    )


def _is_mine(hands: str, put_off: datetime | None, seat: Seat) -> bool:
    """Whether nobody else looks after it, and it is not put off."""
    if put_off is not None and put_off > seat.now:
        return False
    if hands not in seat.people:
        return True
    holder = present(seat.people[hands], seat.people, seat.day)
    return holder is None or holder.id == seat.person.id


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)


def _first(pair: tuple[_Urgency, Action]) -> _Urgency:
    return pair[0]
