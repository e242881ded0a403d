"""What people work with beside one verdict: their queue, edits tried, many at once, standing words, absences."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from api.layer.dossier import dossier
from api.layer.insight import Insight
from api.outcomes import BadVerdict, DecideOutcome, Refused, UnknownAction
from api.views import Actor, Dossier, Person
from approvals import away, standing
from approvals.queue import Conversation, Ranking, Scales, Seat, conversations
from approvals.standing import Standing
from approvals.verdicts import Preview
from engine.events import Action, Verdict
from engine.source.problem import Problem

MANY = 200
_BULK = ("approve", "reject", "snooze")
_PAGE = 500


class Desk(Insight):
    """api.facade.Inbox, continued."""

    _scales: Scales | None = None

    async def queue(self, actor: Actor, *, mine: bool = True) -> tuple[Conversation, ...]:
        """See api.facade.Inbox."""
        return (await self._ranked(await self._pending(), actor, mine=mine)).conversations

    async def ranking(self, actor: Actor, *, mine: bool = True, most: int | None = None) -> Ranking:
        """See api.facade.Inbox."""
        return await self._ranked(await self.shown(await self._ledger.waiting()), actor, mine=mine, most=most)

    async def _ranked(self, pending: Sequence[Action], actor: Actor, *, mine: bool, most: int | None = None) -> Ranking:
        people = await away.as_told(self.parts.store, self.parts.people)
        own = [each for each in pending if not actor.rulesets or each.key.ruleset in actor.rulesets]
        now = self.parts.clock.now()
        day = now.astimezone(ZoneInfo(self.parts.home.app.timezone)).date()
        seat = Seat(person=self._person(actor), context=self.parts.context, people=people, now=now, day=day)
        if self._scales is None or self._scales.context is not self.parts.context:
            self._scales = Scales(self.parts.context)
        found = conversations(self._scales.weigh(own), seat, mine=mine, most=most)
        named = self.labels([each.account for each in found.conversations])
        told = [
            msgspec.structs.replace(each, label=named.get(each.account) or each.account.partition(":")[2])
            for each in found.conversations
        ]
        return msgspec.structs.replace(found, conversations=tuple(told))

    async def _pending(self) -> list[Action]:
        pending: list[Action] = []
        after = ""
        while page := await self.parts.store.actions(state="pending", after=after, limit=_PAGE):
            pending += await self.shown(page)
            after = page[-1].id
        return pending

    async def preview(self, id: str, edit: Mapping[str, Any], actor: Actor) -> Preview | UnknownAction:
        """See api.facade.Inbox."""
        action = await self.action(id)
        if action is None:
            return UnknownAction(id)
        tried = Verdict(
            action=id,
            verdict="edit",
            digest=action.digest,
            by=actor.id,
            channel=actor.channel,
            at=self.parts.clock.now(),
            edit=edit,
        )
        return self.parts.inbox.preview(tried, action)

    async def decide_many(self, verdicts: Sequence[Verdict], actor: Actor) -> tuple[DecideOutcome, ...]:
        """See api.facade.Inbox. Each is a transaction of its own, so that one refusal takes nothing from the others."""
        if len(verdicts) > MANY:
            return tuple(_bad("too-many", f"at most {MANY} at once") for _ in verdicts)
        return tuple([await self._one_of_many(each, actor) for each in verdicts])

    async def _one_of_many(self, verdict: Verdict, actor: Actor) -> DecideOutcome:
        if verdict.verdict not in _BULK:
            return _bad("not-in-bulk", f"{verdict.verdict} is decided one by one")
        action = await self.action(verdict.action)
        if action is not None and action.consequence == "high" and verdict.verdict == "approve":
            return _bad("not-in-bulk", "what has high consequence is approved one by one")
        return await self.decide(msgspec.structs.replace(verdict, channel="bulk"), actor)

    async def standing(self) -> tuple[Standing, ...]:
        """See api.facade.Inbox."""
        return tuple((await standing.standing(self.parts.store)).values())

    async def lift(self, id: str, actor: Actor) -> bool | Refused:
        """See api.facade.Inbox."""
        word = (await standing.standing(self.parts.store)).get(id)
        if word is None:
            return False
        refused = await self.beyond(actor, word.ruleset, f"lift {id}")
        if refused is not None:
            return refused
        async with self.parts.pipeline.transaction() as tx:
            return await standing.lift(tx, word, actor.id, self.parts.clock.now())

    async def set_away(self, person: str, days: tuple[date, date] | None, actor: Actor) -> Person | Refused:
        """See api.facade.Inbox."""
        known = self.parts.people.get(person)
        if known is None:
            return Refused((Problem("unknown-person", f"there is no person `{person}`"),))
        if days and days[1] < days[0]:
            return Refused((Problem("no-days", "the last day away is not before the first"),))
        async with self.parts.pipeline.transaction() as tx:
            await away.go(tx, known, days, actor.id, self.parts.clock.now())
        return next(each for each in await self.people_now() if each.id == person)

    async def people_now(self) -> tuple[Person, ...]:
        """See api.facade.Inbox."""
        told = await away.as_told(self.parts.store, self.parts.people)
        return tuple(msgspec.structs.replace(each, away=told[each.id].away) for each in self.people())

    async def dossier(self, id: str) -> Dossier | None:
        """See api.facade.Inbox."""
        return await dossier(self.parts, id)


def _bad(code: str, message: str) -> BadVerdict:
    return BadVerdict((Problem(code, message),))
