"""The day in the product's words: what is overdue, what runs by itself, who must be spoken to."""

from collections import Counter
from datetime import date
from typing import Any

from api.insight.line import Line
from api.layer.insight import Insight
from api.views import Account, Today
from engine.inference.state import Entity, Link
from engine.inference.words import say

STATES = (
    "proposed",
    "pending",
    "approved",
    "scheduled",
    "sending",
    "sent",
    "unknown",
    "failed",
    "withdrawn",
    "rejected",
    "expired",
)


class Overview(Insight):
    """The part of api.facade.Knowledge that looks over everything.

    It reads by the example model's names (`overdue_count`, `needs_conversation`, `conversation`, `balance_overdue`);
    a model without them has an empty overview.
    """

    async def today(self) -> Today:
        """See api.facade.Knowledge."""
        accounts = [self._account(entity) for entity in self._overdue()]
        accounts.sort(key=lambda account: (-account.days_overdue, account.label))
        lines = await self.lines()
        latest = {line.subject: line for line in reversed(lines) if line.state in {"pending", "scheduled", "approved"}}
        told = [_with(account, latest.get(account.subject)) for account in accounts]
        return Today(
            at=self.parts.clock.now(),
            tracked=tuple(account for account in told if not account.why),
            conversations=tuple(account for account in told if account.why),
            states=dict(Counter(line.state for line in lines)),
            sources=await self.sources(),
            quarantined=len(await self.quarantine()),
        )

    def _overdue(self) -> list[Entity]:
        customers = self.parts.pipeline.session.state.entities.get("customer", {})
        return [entity for entity in customers.values() if self._is_overdue(entity)]

    def _is_overdue(self, entity: Entity) -> bool:
        return (self._value(entity, "overdue_count") or 0) > 0 or self._value(entity, "needs_conversation") is True

    def _account(self, entity: Entity) -> Account:
        needs = self._value(entity, "needs_conversation") is True
        since = self._value(entity, "overdue_since") or self._value(entity, "oldest_due")
        today = self.parts.pipeline.session.settler.env.today
        owner = entity.values.get("owner")
        balance = self._value(entity, "balance")
        return Account(
            subject=entity.ref,
            label=self.label(entity),
            owner=self.label(owner.entity) if isinstance(owner, Link) and owner.entity is not None else "",
            balance=balance,
            days_overdue=(today - since).days if isinstance(since, date) else 0,
            risk=str(self._value(entity, "trend") or ""),
            why=say(self._value(entity, "conversation")) if needs else "",
        )

    def _value(self, entity: Entity, name: str) -> Any:  # noqa: ANN401  (a FEEL value)
        declared = self.parts.pipeline.session.rulebook.model.entities[entity.type].fields
        return self.parts.pipeline.session.value(entity, name) if name in declared else None


def _with(account: Account, action: Line | None) -> Account:
    if action is None:
        return account
    return Account(
        **{name: getattr(account, name) for name in account.__struct_fields__}
        | {"action": action.id, "state": action.state}
    )
