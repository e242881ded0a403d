"""People's words on actions."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from api.auth import reached
from api.layer.parts import Part
from api.outcomes import DecideOutcome
from api.views import Actor, Person
from approvals import structs
from approvals.dispatch.aftercare import Aftercare
from engine.events import Action, Verdict
from engine.ports import Operation


class Deciding(Part):
    """api.facade.Inbox."""

    async def actions(
        self, *, state: str = "", subject: str = "", after: str = "", limit: int = 50
    ) -> tuple[Action, ...]:
        """See api.facade.Inbox."""
        return tuple(await self.parts.store.actions(state=state, subject=subject, after=after, limit=limit))

    async def action(self, id: str) -> Action | None:
        """See api.facade.Inbox."""
        return await self.parts.store.action(id)

    async def decide(self, verdict: Verdict, actor: Actor, idempotency_key: str = "") -> DecideOutcome:
        """See api.facade.Inbox."""
        async with self.parts.pipeline.transaction() as tx:
            return await self.parts.inbox.decide(tx, verdict, self._person(actor), idempotency_key)

    async def undo(self, action: str, actor: Actor, at: datetime, reason: str = "") -> DecideOutcome:
        """Take an approval back as long as its sending has not begun."""
        async with self.parts.pipeline.transaction() as tx:
            return await self.parts.inbox.undo(tx, action, self._person(actor), at, reason)

    async def settle(
        self, action: str, word: Literal["happened", "missed", "retry", "drop"], actor: Actor, reason: str = ""
    ) -> DecideOutcome:
        """Let a person say what became of an unknown action, or send or drop a failed one."""
        aftercare = Aftercare(self.parts.context)
        words = {
            "happened": aftercare.happened,
            "missed": aftercare.missed,
            "retry": aftercare.retry,
            "drop": aftercare.drop,
        }
        async with self.parts.pipeline.transaction() as tx:
            return await words[word](tx, action, self._person(actor), self.parts.clock.now(), reason)

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
                roles=tuple(sorted(each.roles)),
                rulesets=tuple(sorted(each.rulesets)),
                amount_limit=None if each.amount_limit is None else str(each.amount_limit),
                delegate=each.delegate,
            )
            for each in self.parts.people.values()
        )
