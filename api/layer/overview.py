"""The day in the product's words: what is overdue, what runs by itself, who must be spoken to."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from heapq import nlargest
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
_Ranked: TypeAlias = tuple[int, Entity]
_COMING = frozenset({"pending", "scheduled", "approved"})
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

    async def today(self, most: int | None = None, rulesets: frozenset[str] | None = None) -> Today:
        """See api.facade.Knowledge."""
        lines, read = await self.lines(rulesets), self._reader()
        talk, track = self._overdue(read)
        first, others = self._longest(talk, most), self._longest(track, most)
        shown = [*first, *others]
        wanted = {each.ref for each in shown}
        latest = {each.subject: each for each in reversed(lines) if each.state in _COMING and each.subject in wanted}
        accounts = [self._account(each, read, latest) for each in shown]
        return Today(
            at=self.parts.clock.now(),
            accounts=self._tells_accounts(),
            tracked=tuple(accounts[len(first) :]),
            conversations=tuple(accounts[: len(first)]),
            more_tracked=len(track) - len(others),
            more_conversations=len(talk) - len(first),
            states=dict(Counter(line.state for line in lines)),
            sources=await self.sources(),
            quarantined=len(await self.quarantine()),
        )

    def _tells_accounts(self) -> bool:
        model = self.parts.pipeline.session.rulebook.model.entities.get("customer")
        return model is not None and not {"needs_conversation", "overdue_count"}.isdisjoint(model.fields)

    def _overdue(self, read: Reader) -> tuple[list[_Ranked], list[_Ranked]]:
        """Return who must be spoken to and who is only overdue, each with the days."""
        talk: list[_Ranked] = []
        track: list[_Ranked] = []
        today = self.parts.pipeline.session.settler.env.today
        for each in self.parts.pipeline.session.state.entities.get("customer", {}).values():
            needs = read(each, "needs_conversation") is True
            if needs or (read(each, "overdue_count") or 0) > 0:
                (talk if needs else track).append((_days(each, read, today), each))
        return talk, track

    def _longest(self, found: list[_Ranked], most: int | None) -> list[Entity]:
        """Return the longest overdue, by name where the days are the same; of thousands only these are named."""
        if most is not None and len(found) > most:
            least = nlargest(most, (days for days, _ in found))[-1]
            found = [each for each in found if each[0] >= least]
        ordered = sorted(found, key=lambda each: (-each[0], self.label(each[1])))
        return [entity for _, entity in ordered[:most]]

    def _account(self, entity: Entity, read: Reader, latest: Mapping[str, Line]) -> Account:
        owner, action = entity.values.get("owner"), latest.get(entity.ref)
        needs = read(entity, "needs_conversation") is True
        return Account(
            subject=entity.ref,
            label=self.label(entity),
            owner=self.label(owner.entity) if isinstance(owner, Link) and owner.entity is not None else "",
            balance=plain(read(entity, "balance")),
            days_overdue=_days(entity, read, self.parts.pipeline.session.settler.env.today),
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


def _days(entity: Entity, read: Reader, today: date) -> int:
    since = read(entity, "overdue_since") or read(entity, "oldest_due")
    return (today - since).days if isinstance(since, date) else 0


def _stored(entity: Entity, name: str) -> Any:  # noqa: ANN401  (a FEEL value)
    value = entity.values.get(name)
    return None if type(value) is Unknown else value
