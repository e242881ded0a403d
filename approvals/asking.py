"""Who is asked for an approval, and when again: by mail, then reminded, then somebody else is asked too.

A mail is one for each person and account (or group): all that waits for the person's word there, each with a link of
its own. That a mail was sent is noted after it left, so a crash between the two asks twice and never not at all.
"""

import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime, tzinfo

import msgspec

from approvals.away import as_told
from approvals.dispatch.ports import Outbox
from approvals.life import noted
from approvals.links import Links
from approvals.policy import REMARKS, may_approve, reaching
from approvals.request import Request, Writer, letter
from approvals.structs import Ask, Person, Policy
from engine.events import Action, HistoryItem, Receipt
from engine.ports import Reader, Transaction

ASKED = ("asked", "reminded", "escalated")
_PAGE = 500


class Due(msgspec.Struct, frozen=True):
    """Somebody is to be asked for an action; `word` is what its history will say, `ask` None without mail."""

    action: Action
    word: str
    people: tuple[Person, ...]
    ask: Ask | None


class Asking:
    """Asks for all that waits; run from time to time, by one process or several."""

    def __init__(
        self,
        outbox: Outbox,
        reader: Reader,
        people: Mapping[str, Person],
        links: Links,
        *,
        zone: tzinfo,
        write: Writer = letter,
    ) -> None:
        self._store = outbox.store
        self._context = outbox.context
        self._connectors = outbox.connectors
        self._clock = outbox.clock
        self._reader = reader
        self._listed = self._people = people
        self._links = links
        self._zone = zone
        self._write = write

    async def run(self) -> int:
        """Ask for what is due to be asked; return for how many actions somebody was."""
        if not any(policy.ask or policy.escalate for policy in self._context.autonomy.policies.values()):
            return 0
        now = self._clock.now()
        self._people = await as_told(self._reader, self._listed)
        own = [action async for action in self._pending() if self._context.own(action)]
        waiting = [due for action in own if (due := self._due(action, now))]
        reached = await self._mailed(waiting, now)
        done = 0
        for due in waiting:
            names = reached[due.action.id] if due.ask else [person.id for person in due.people]
            if names:
                done += await self._note(due, names, now)
        return done

    async def _pending(self) -> AsyncIterator[Action]:
        after = ""
        while page := await self._reader.actions(state="pending", after=after, limit=_PAGE):
            for action in page:
                yield action
            after = page[-1].id

    # --- who and when -----------------------------------------------------------------------------------------

    def _due(self, action: Action, now: datetime) -> Due | None:
        policy = self._context.policy(action)
        if action.not_before is not None and action.not_before > now:
            return None
        since, told = _waiting(action)
        escalate = policy.escalate
        if policy.ask and not told:
            return self._for(action, "asked", self._approvers(action, now), policy)
        if escalate and now - since.at >= escalate.after and "escalated" not in {item.state for item in told}:
            return self._for(action, "escalated", self._above(action, now), policy)
        if policy.ask and policy.remind and now - told[-1].at >= policy.remind:
            above = self._above(action, now) if "escalated" in {item.state for item in told} else ()
            return self._for(action, "reminded", (*self._approvers(action, now), *above), policy)
        return None

    def _for(self, action: Action, word: str, people: Sequence[Person], policy: Policy) -> Due | None:
        unique = {person.id: person for person in people}
        return Due(action, word, tuple(unique.values()), policy.ask) if unique else None

    def _approvers(self, action: Action, now: datetime) -> tuple[Person, ...]:
        """Return who looks after the action and may approve it, else all who may; for who is away, who stands in."""
        day = now.astimezone(self._zone).date()
        named = self._people.get(in_hands(action))
        stand_in = present(named, self._people, day) if named else None
        if stand_in and not self._refused(stand_in, action):
            return (stand_in,)
        asked = [present(each, self._people, day) for each in self._people.values()]
        return tuple(each for each in asked if each and not self._refused(each, action))

    def _above(self, action: Action, now: datetime) -> tuple[Person, ...]:
        escalate = self._context.policy(action).escalate
        day = now.astimezone(self._zone).date()
        named = [self._people[id] for id in sorted(escalate.to) if id in self._people] if escalate else []
        asked = [present(each, self._people, day) or each for each in named]
        return tuple(each for each in asked if not self._refused(reaching(each), action))

    def _refused(self, person: Person, action: Action) -> str:
        authors = self._context.authors_of(action)
        return may_approve(person, action, self._context.autonomy, authors)

    # --- mail -------------------------------------------------------------------------------------------------

    async def _mailed(self, waiting: Sequence[Due], now: datetime) -> Mapping[str, list[str]]:
        """Send the mails; return whom they reached, by action."""
        bundles: dict[tuple[Ask, str, str, str], list[Due]] = defaultdict(list)
        for due in waiting:
            for person in due.people if due.ask else ():
                if due.ask and person.email:
                    bundles[due.ask, person.id, due.action.group, due.action.root or due.action.key.subject].append(due)
        reached: dict[str, list[str]] = defaultdict(list)
        silent: set[str] = set()
        for (ask, id, *_), bundle in bundles.items():
            if ask.source in silent:
                continue
            receipt = await self._mail(ask, self._people[id], bundle, now)
            if receipt is not None and receipt.result in ("ok", "uncertain"):
                for due in bundle:
                    reached[due.action.id].append(id)
            elif receipt is not None and receipt.result in ("unavailable", "throttled", "deferred"):
                silent.add(ask.source)
        return reached

    async def _mail(self, ask: Ask, person: Person, bundle: Sequence[Due], now: datetime) -> Receipt | None:
        connector = self._connectors(ask.source)
        if connector is None or "send" not in connector.operations:
            return None
        async with self._store.transaction() as tx:
            requests = await self._requests(tx, ask, person, bundle, now)
        if not requests:
            return None
        mail = self._write(person, requests, ask.url)
        about = "".join(f"{each.action.id}{each.action.digest}{each.link}" for each in requests)
        key = hashlib.sha256(f"ask {person.id} {about}".encode()).hexdigest()
        return await connector.perform("send", {"to": person.email, **msgspec.structs.asdict(mail)}, key)

    async def _requests(
        self, tx: Transaction, ask: Ask, person: Person, bundle: Sequence[Due], now: datetime
    ) -> list[Request]:
        """Issue the links of one mail; nothing when another process does it in the same minute, or all is stopped."""
        switches = await tx.switches()
        if "all" in switches or f"source:{ask.source}" in switches:
            return []
        found = []
        for due in bundle:
            fresh = await tx.action(due.action.id)
            once = f"{due.action.id}:{due.action.digest}:{due.word}:{person.id}:{now:%Y%m%d%H%M}"
            if fresh is None or (fresh.state, fresh.digest) != ("pending", due.action.digest):
                continue
            if not await tx.seen("asking", once):
                found.append(Request(fresh, due.word, await self._links.issue(tx, fresh, person, now)))
        return found

    async def _note(self, due: Due, names: Sequence[str], now: datetime) -> bool:
        async with self._store.transaction() as tx:
            fresh = await tx.action(due.action.id)
            if fresh is None or (fresh.state, fresh.digest) != ("pending", due.action.digest):
                return False
            after = noted(fresh, due.word, now, "policy", ", ".join(sorted(names)))
            body = {"action": fresh.id, due.word: sorted(names)}
            cause = self._context.life.about(fresh, "note", now, "policy", body)
            return await self._context.life.move(tx, fresh, after, cause=cause)


def in_hands(action: Action) -> str:
    """Return who looks after the action: who claimed it last, or whom it was given to; "" when nobody."""
    for item in reversed(action.history):
        if item.state in ("claimed", "delegated"):
            return item.by if item.state == "claimed" else item.reason
    return ""


def present(person: Person, people: Mapping[str, Person], day: date) -> Person | None:
    """Return the person, or who stands in for them on that day; None when nobody does."""
    passed: set[str] = set()
    found: Person | None = person
    while found is not None and found.is_away(day):
        passed.add(found.id)
        found = people.get(found.delegate) if found.delegate not in passed else None
    return found


def _waiting(action: Action) -> tuple[HistoryItem, list[HistoryItem]]:
    """Return since what the present version waits, and how it was asked for so far."""
    start = max((place for place, item in enumerate(action.history) if item.state not in REMARKS), default=0)
    return action.history[start], [item for item in action.history[start:] if item.state in ASKED]
