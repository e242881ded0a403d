"""The day in the product's words: what is overdue, what runs by itself, who must be spoken to."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeAlias

from api.insight.line import Line
from api.layer.insight import Insight
from api.views import Account, Today
from engine.inference.proof import plain
from engine.inference.state import Entity, Link, Unknown
from engine.inference.words import say

_READ = frozenset({
    "needs_conversation", "overdue_count", "overdue_since", "oldest_due", "balance", "trend", "conversation",
})  # fmt: skip
Reader: TypeAlias = Callable[[Entity, str], Any]
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
        lines = await self.lines()
        latest = {line.subject: line for line in reversed(lines) if line.state in {"pending", "scheduled", "approved"}}
        read = self._reader()
        customers = self.parts.pipeline.session.state.entities.get("customer", {})
        accounts = [found for each in customers.values() if (found := self._account(each, read, latest)) is not None]
        accounts.sort(key=lambda account: (-account.days_overdue, account.label))
        return Today(
            at=self.parts.clock.now(),
            tracked=tuple(account for account in accounts if not account.why),
            conversations=tuple(account for account in accounts if account.why),
            states=dict(Counter(line.state for line in lines)),
            sources=await self.sources(),
            quarantined=len(await self.quarantine()),
        )

    def _account(self, entity: Entity, read: Reader, latest: Mapping[str, Line]) -> Account | None:
        """Return an account that is overdue or must be spoken to, None of any other."""
        needs = read(entity, "needs_conversation") is True
        if not needs and (read(entity, "overdue_count") or 0) <= 0:
            return None
        since = read(entity, "overdue_since") or read(entity, "oldest_due")
        owner, ref = entity.values.get("owner"), entity.ref
        action = latest.get(ref)
        return Account(
            subject=ref,
            label=self.label(entity),
            owner=self.label(owner.entity) if isinstance(owner, Link) and owner.entity is not None else "",
            balance=plain(read(entity, "balance")),
            days_overdue=(self.parts.pipeline.session.settler.env.today - since).days if isinstance(since, date) else 0,
            risk=str(plain(read(entity, "trend")) or ""),
            why=say(plain(read(entity, "conversation"))) if needs else "",
            action=action.id if action else "",
            state=action.state if action else "",
        )

    def _reader(self) -> Reader:
        """Return what reads a field as the engine holds it; what no rule reads is worked out then and there."""
        session = self.parts.pipeline.session
        model = session.rulebook.model.entities.get("customer")
        fields = model.fields if model else {}
        virtual = {name: session.rulebook.virtual.get(("customer", name)) for name in fields if name in _READ}

        if not any(virtual.values()):
            return _stored

        def read(entity: Entity, name: str) -> Any:  # noqa: ANN401  (a FEEL value)
            computed = virtual.get(name)
            value = entity.values.get(name) if computed is None else session.settler.compute(computed, entity)
            return None if type(value) is Unknown else value

        return read


def _stored(entity: Entity, name: str) -> Any:  # noqa: ANN401  (a FEEL value)
    value = entity.values.get(name)
    return None if type(value) is Unknown else value
