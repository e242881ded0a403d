"""People's words on actions."""

from collections.abc import Sequence
from decimal import Decimal

from api.layer.parts import Part
from api.outcomes import BadVerdict, DecideOutcome, NotThisPerson, Settling
from api.views import Actor, Asked, Person
from approvals import structs
from approvals.autonomy import planting, testing
from approvals.dispatch import restored
from approvals.dispatch.aftercare import Aftercare
from engine.events import Action, Verdict
from engine.ports import Entry, Operation, Transaction
from engine.settings.roles import reached
from engine.source.problem import Problem
from engine.tracing import span


class Deciding(Part):
    """api.facade.Inbox."""

    async def actions(
        self, *, state: str = "", subject: str = "", after: str = "", limit: int = 50
    ) -> tuple[Action, ...]:
        """See api.facade.Inbox."""
        found = await self.parts.store.actions(state=state, subject=subject, after=after, limit=limit)
        return await self.shown(found)

    async def action(self, id: str) -> Action | None:
        """See api.facade.Inbox."""
        found = await self.parts.store.action(id)
        return None if found is None else (await self.shown([found]))[0]

    async def shown(self, actions: Sequence[Action]) -> tuple[Action, ...]:
        """Return actions as people see them, planted mistakes included."""
        plants = planting.read(await self.parts.store.setting(planting.SETTING))
        return tuple(planting.shown(each, plants) for each in actions) if plants else tuple(actions)

    async def decide(self, verdict: Verdict, actor: Actor, idempotency_key: str = "") -> DecideOutcome:
        """See api.facade.Inbox."""
        trace = await self.parts.memory.trace(verdict.action)
        with span("decide", trace, verdict=verdict.verdict, channel=verdict.channel):
            person = self._person(actor)
            async with self.parts.pipeline.transaction() as tx:
                tested = await testing.decide(tx, self.parts.inbox, verdict, person)
                if isinstance(tested, Verdict):
                    return await self.parts.inbox.decide(tx, tested, person, idempotency_key)
                return tested

    async def undo(self, id: str, actor: Actor, reason: str = "") -> DecideOutcome:
        """See api.facade.Inbox."""
        async with self.parts.pipeline.transaction() as tx:
            result = await self.parts.inbox.undo(tx, id, self._person(actor), self.parts.clock.now(), reason)
            return await self._told(tx, id, "undo", actor, result)

    async def claim(self, id: str, actor: Actor) -> DecideOutcome:
        """See api.facade.Inbox."""
        async with self.parts.pipeline.transaction() as tx:
            result = await self.parts.inbox.claim(tx, id, self._person(actor), self.parts.clock.now())
            return await self._told(tx, id, "claim", actor, result)

    async def comment(self, id: str, text: str, actor: Actor) -> DecideOutcome:
        """See api.facade.Inbox."""
        async with self.parts.pipeline.transaction() as tx:
            result = await self.parts.inbox.comment(tx, id, self._person(actor), self.parts.clock.now(), text)
            return await self._told(tx, id, "comment", actor, result)

    async def settle(self, id: str, word: Settling, actor: Actor, reason: str = "", to: str = "") -> DecideOutcome:
        """See api.facade.Inbox."""
        care, who, now = Aftercare(self.parts.context), self._person(actor), self.parts.clock.now()
        async with self.parts.pipeline.transaction() as tx:
            if word == "hand-over":
                colleague = self.parts.people.get(to)
                if colleague is None:
                    return BadVerdict((Problem("unknown-person", f"nobody is called {to or '(nobody named)'}"),))
                result = await care.hand_over(tx, id, who, now, colleague, reason)
            else:
                settled = {"happened": care.happened, "missed": care.missed, "retry": care.retry, "drop": care.drop}
                result = await settled[word](tx, id, who, now, reason)
            return await self._told(tx, id, word, actor, result)

    async def _told(self, tx: Transaction, id: str, what: str, actor: Actor, result: DecideOutcome) -> DecideOutcome:
        """Journal a refusal."""
        if isinstance(result, NotThisPerson):
            body = {"action": id, "what": f"{what} {id}", "why": result.reason, "channel": actor.channel}
            now = self.parts.clock.now()
            await tx.append(
                Entry(kind="denied", recorded_at=now, actor=actor.id, subjects=(f"action:{id}",), body=body)
            )
        return result

    async def asked(self, token: str) -> Asked | None:
        """See api.facade.Inbox."""
        link = await self.parts.links.look(token, self.parts.clock.now())
        action = await self.parts.store.action(link.action) if link else None
        if link is None or action is None:
            return None
        person = self.parts.people.get(link.person)
        if person is None or not person.reads(action.key.ruleset):
            return None
        current = action.state == "pending" and action.digest == link.digest
        return Asked(action=action, person=person.name, code=bool(link.code), current=current)

    async def decide_by_link(self, token: str, choice: str, code: str = "", reason: str = "") -> DecideOutcome:
        """See api.facade.Inbox."""
        now = self.parts.clock.now()
        async with self.parts.pipeline.transaction() as tx:
            return await self.parts.links.decide(tx, token, choice, now, code=code, reason=reason)

    async def trust(self, actor: Actor) -> bool:
        """See api.facade.Control."""
        async with self.parts.pipeline.transaction() as tx:
            return await restored.trust(tx, actor.id, self.parts.clock.now())

    def _person(self, actor: Actor) -> structs.Person:
        """Return who decides, with the limits of the key or session that proves it."""
        return structs.Person(
            id=actor.id,
            name=actor.name or actor.id,
            roles=reached(actor.roles),
            rulesets=frozenset(actor.rulesets),
            amount_limit=None if actor.amount_limit is None else Decimal(actor.amount_limit),
        )

    def operation(self, name: str) -> Operation | None:
        """See api.facade.Inbox."""
        return self.parts.context.operations(name)

    def people(self) -> tuple[Person, ...]:
        """See api.facade.Inbox."""
        return tuple(
            Person(
                id=each.id,
                name=each.name or each.id,
                email=each.email,
                language=each.language,
                roles=tuple(sorted(each.roles)),
                rulesets=tuple(sorted(each.rulesets)),
                amount_limit=None if each.amount_limit is None else str(each.amount_limit),
                delegate=each.delegate,
                away=each.away,
            )
            for each in self.parts.people.values()
        )
