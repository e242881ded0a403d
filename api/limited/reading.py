"""What somebody reads of the layer: the company's facts, and of decisions and actions those of their own rulesets."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from api.facade import BUDGET
from api.insight.chronicle import Chronicle
from api.insight.kpi import Figure
from api.insight.line import Line
from api.insight.port import Cases, Denied, ExampleView, Remembered, RulesetView, Trial, Written
from api.insight.questions import Question
from api.limited.base import Base
from api.outcomes import Refused
from api.reasons import Explanation, Funnel, WhyNot
from api.views import CustomerView, Dossier, EntityView, Reviews, TimelineItem, Today
from approvals.standing import Standing
from engine.events import Action, Decision


class Reading(Base):
    """What is known, decided and remembered."""

    # --- actions ----------------------------------------------------------------------------------------------

    async def lines(self, rulesets: frozenset[str] | None = None) -> Sequence[Line]:
        """See api.insight.port.Insight."""
        return await self._layer.lines(self._only(rulesets))

    async def chronicle(self, rulesets: frozenset[str] | None = None) -> Chronicle:
        """See api.insight.port.Insight."""
        return await self._layer.chronicle(self._only(rulesets))

    async def actions(
        self, *, state: str = "", subject: str = "", after: str = "", limit: int = 50
    ) -> tuple[Action, ...]:
        """See api.facade.Inbox."""
        ids = [
            each.id
            for each in await self.lines()
            if after == each.id or (state in ("", each.state) and subject in ("", each.subject))
        ]
        ids = ids[ids.index(after) + 1 :] if after in ids else [] if after else ids
        found = [await self._layer.action(id) for id in ids[:limit]]
        return tuple(each for each in found if each is not None)

    async def action(self, id: str) -> Action | None:
        """See api.facade.Inbox."""
        found = await self._layer.action(id)
        if found is None or self._is_own(found.key.ruleset):
            return found
        await self._denied(f"action {id}")
        return None

    async def dossier(self, id: str) -> Dossier | None:
        """See api.facade.Inbox."""
        return await self._layer.dossier(id) if await self.action(id) else None

    async def receipts(self, id: str) -> tuple[Written, ...]:
        """See api.insight.port.Insight."""
        return await self._layer.receipts(id) if await self.action(id) else ()

    async def question(self, action: Action) -> Question | None:
        """See api.insight.port.Insight."""
        return await self._layer.question(action) if self._is_own(action.key.ruleset) else None

    async def reviews(
        self, start: int = 0, most: int | None = None, *, evidence: bool = True, rulesets: frozenset[str] | None = None
    ) -> Reviews:
        """See api.facade.Identity."""
        return await self._layer.reviews(start, most, evidence=evidence, rulesets=self._only(rulesets))

    async def standing(self) -> tuple[Standing, ...]:
        """See api.facade.Inbox."""
        return tuple(each for each in await self._layer.standing() if self._is_own(each.ruleset))

    # --- decisions --------------------------------------------------------------------------------------------

    async def decisions(
        self,
        *,
        ruleset: str = "",
        rule: str = "",
        subject: str = "",
        after: str = "",
        limit: int = 50,
        rulesets: frozenset[str] | None = None,
    ) -> tuple[Decision, ...]:
        """See api.facade.Knowledge."""
        return await self._layer.decisions(
            ruleset=ruleset, rule=rule, subject=subject, after=after, limit=limit, rulesets=self._only(rulesets)
        )

    async def decision(self, id: str) -> Decision | None:
        """See api.facade.Knowledge."""
        found = await self._layer.decision(id)
        if found is None or self._is_own(found.key.ruleset):
            return found
        await self._denied(f"decision {id}")
        return None

    async def explain(self, id: str) -> Explanation | None:
        """See api.facade.Knowledge."""
        found = await self._layer.explain(id)
        return found if found is not None and self._is_own(found.decision.key.ruleset) else None

    async def why_not(self, rule: str, subject: str) -> WhyNot | Refused:
        """See api.facade.Knowledge."""
        if not self._is_own(rule):
            return await self._unknown("unknown-rule", "rule", rule)
        return await self._layer.why_not(rule, subject)

    async def funnel(self, rule: str) -> Funnel | Refused:
        """See api.facade.Knowledge."""
        if not self._is_own(rule):
            return await self._unknown("unknown-rule", "rule", rule)
        return await self._layer.funnel(rule)

    # --- what is known, and what is remembered of it ----------------------------------------------------------

    async def entity(self, type: str, id: str) -> EntityView | None:
        """See api.facade.Knowledge."""
        found = await self._layer.entity(type, id)
        return None if found is None else self._seen(found)

    async def customer(self, id: str, *, budget: float = BUDGET) -> CustomerView | None:
        """See api.facade.Knowledge."""
        found = await self._layer.customer(id, budget=budget)
        if found is None:
            return None
        return msgspec.structs.replace(
            found,
            customer=self._seen(found.customer),
            related={name: tuple(self._seen(each) for each in views) for name, views in found.related.items()},
            actions=tuple(each for each in found.actions if self._is_own(each.key.ruleset)),
        )

    def _seen(self, view: EntityView) -> EntityView:
        """Return an entity without the names of the rules of others that concluded a field; the facts are shared."""
        fields = {
            name: msgspec.structs.replace(
                field, sources=tuple(each for each in field.sources if not each.rule or self._is_own(each.rule))
            )
            for name, field in view.fields.items()
        }
        return msgspec.structs.replace(view, fields=fields)

    async def today(self, most: int | None = None, rulesets: frozenset[str] | None = None) -> Today:
        """See api.facade.Knowledge."""
        return await self._layer.today(most, self._only(rulesets))

    async def timeline(
        self, subject: str, after: int = 0, limit: int = 200, rulesets: frozenset[str] | None = None
    ) -> tuple[TimelineItem, ...]:
        """See api.facade.Knowledge."""
        return await self._layer.timeline(subject, after, limit, self._only(rulesets))

    async def recall(
        self, text: str, subject: str = "", limit: int = 50, rulesets: frozenset[str] | None = None
    ) -> tuple[Remembered, ...]:
        """See api.insight.port.Insight."""
        return await self._layer.recall(text, subject, limit, self._only(rulesets))

    async def denials(self, limit: int = 50, rulesets: frozenset[str] | None = None) -> tuple[Denied, ...]:
        """See api.insight.port.Insight."""
        return await self._layer.denials(limit, self._only(rulesets))

    # --- rules ------------------------------------------------------------------------------------------------

    def rulesets(self) -> tuple[RulesetView, ...]:
        """See api.insight.port.Insight."""
        return tuple(each for each in self._layer.rulesets() if self._is_own(each.id))

    async def kpis(self, ruleset: str, since: date, until: date) -> tuple[Figure, ...]:
        """See api.insight.port.Insight."""
        return tuple(each for each in await self._layer.kpis(ruleset, since, until) if self._is_own(each.ruleset))

    async def examples(self, ruleset: str) -> tuple[ExampleView, ...]:
        """See api.insight.port.Insight."""
        return await self._layer.examples(ruleset) if self._is_own(ruleset) else ()

    async def cases(self, ruleset: str) -> Cases:
        """See api.insight.port.Insight."""
        return await self._layer.cases(ruleset) if self._is_own(ruleset) else Cases()

    async def trial(
        self, ruleset: str, subject: str, changes: Mapping[str, str], at: datetime | None = None
    ) -> Trial | Refused:
        """See api.insight.port.Insight."""
        if not self._is_own(ruleset):
            return await self._unknown("unknown-ruleset", "ruleset", ruleset)
        found = await self._layer.trial(ruleset, subject, changes, at)
        if isinstance(found, Refused):
            return found
        own = tuple(each for each in found.decisions if self._is_own(each.key.ruleset))
        return msgspec.structs.replace(found, decisions=own)
