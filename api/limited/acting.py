"""What somebody does through the layer: what is not theirs is not there, and each try at it is journalled."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from api.limited.reading import Reading
from api.outcomes import Audited, Autonomy, DecideOutcome, Refused, Settling, Stage, Switch, UnknownAction
from api.views import Actor
from approvals.verdicts import Preview
from engine.events import Verdict
from engine.rules.cases import Case
from evals.drift import Drift

if TYPE_CHECKING:
    from evals.labelled.choosing import Moment
    from evals.labelled.harvest import Harvested

T = TypeVar("T")
_OF_ONE = ("ruleset", "rule")


class Acting(Reading):
    """Verdicts, switches, stages and labels."""

    # --- verdicts ---------------------------------------------------------------------------------------------

    async def decide(self, verdict: Verdict, actor: Actor, idempotency_key: str = "") -> DecideOutcome:
        """See api.facade.Inbox."""
        if await self.action(verdict.action) is None:
            return UnknownAction(verdict.action)
        return await self._layer.decide(verdict, actor, idempotency_key)

    async def undo(self, id: str, actor: Actor, reason: str = "") -> DecideOutcome:
        """See api.facade.Inbox."""
        return await self._layer.undo(id, actor, reason) if await self.action(id) else UnknownAction(id)

    async def claim(self, id: str, actor: Actor) -> DecideOutcome:
        """See api.facade.Inbox."""
        return await self._layer.claim(id, actor) if await self.action(id) else UnknownAction(id)

    async def comment(self, id: str, text: str, actor: Actor) -> DecideOutcome:
        """See api.facade.Inbox."""
        return await self._layer.comment(id, text, actor) if await self.action(id) else UnknownAction(id)

    async def settle(self, id: str, word: Settling, actor: Actor, reason: str = "", to: str = "") -> DecideOutcome:
        """See api.facade.Inbox."""
        return await self._layer.settle(id, word, actor, reason, to) if await self.action(id) else UnknownAction(id)

    async def preview(self, id: str, edit: Mapping[str, Any], actor: Actor) -> Preview | UnknownAction:
        """See api.facade.Inbox."""
        return await self._layer.preview(id, edit, actor) if await self.action(id) else UnknownAction(id)

    async def decide_many(self, verdicts: Sequence[Verdict], actor: Actor) -> tuple[DecideOutcome, ...]:
        """See api.facade.Inbox."""
        known = [await self.action(each.action) is not None for each in verdicts]
        own = [each for each, there in zip(verdicts, known, strict=True) if there]
        told = iter(await self._layer.decide_many(own, actor))
        return tuple(
            next(told) if there else UnknownAction(each.action) for each, there in zip(verdicts, known, strict=True)
        )

    async def lift(self, id: str, actor: Actor) -> bool | Refused:
        """See api.facade.Inbox."""
        if any(each.id == id for each in await self.standing()):
            return await self._layer.lift(id, actor)
        await self._denied(f"lift {id}")
        return False

    # --- switches ---------------------------------------------------------------------------------------------

    async def switches(self) -> tuple[Switch, ...]:
        """See api.facade.Control."""
        return tuple(each for each in await self._layer.switches() if self._reaches(each.scope))

    async def set_switch(self, scope: str, on: bool, reason: str, actor: Actor) -> Switch | Refused:
        """See api.facade.Control."""
        if not self._reaches(scope):
            return await self._unknown("unknown-scope", "switch", scope)
        return await self._layer.set_switch(scope, on, reason, actor)

    def _reaches(self, scope: str) -> bool:
        kind, _, name = scope.partition(":")
        return kind not in _OF_ONE or self._is_own(name)

    # --- autonomy ---------------------------------------------------------------------------------------------

    async def autonomy(self) -> tuple[Autonomy, ...]:
        """See api.earning.Earning."""
        return tuple(each for each in await self._layer.autonomy() if self._is_own(each.ruleset))

    async def stage(self, ruleset: str, rule: str, action: str) -> Stage | Refused:
        """See api.earning.Earning."""
        if not self._is_own(ruleset):
            return await self._unknown("unknown-action", "action", f"{ruleset}/{rule}/{action}")
        return await self._layer.stage(ruleset, rule, action)

    async def change_autonomy(
        self, ruleset: str, rule: str, action: str, step: Literal["request", "promote", "demote"], actor: Actor
    ) -> Autonomy | Refused:
        """See api.earning.Earning."""
        if not self._is_own(ruleset):
            return await self._unknown("unknown-action", "action", f"{ruleset}/{rule}/{action}")
        return await self._layer.change_autonomy(ruleset, rule, action, step, actor)

    async def carry_autonomy(self, ruleset: str, rule: str, action: str, actor: Actor) -> Autonomy | Refused:
        """See api.earning.Earning."""
        if not self._is_own(ruleset):
            return await self._unknown("unknown-action", "action", f"{ruleset}/{rule}/{action}")
        return await self._layer.carry_autonomy(ruleset, rule, action, actor)

    async def audits(self) -> tuple[Audited, ...]:
        """See api.earning.Earning."""
        return tuple(each for each in await self._layer.audits() if self._is_own(each.unit))

    async def audit(
        self, id: str, actor: Actor, *, correct: bool, reason: str = "", critical: bool = False
    ) -> Autonomy | Refused:
        """See api.earning.Earning."""
        if await self.action(id) is None:
            return await self._unknown("no-audit", "audit", id)
        return await self._layer.audit(id, actor, correct=correct, reason=reason, critical=critical)

    async def seconds(self, actor: Actor) -> tuple[Audited, ...]:
        """See api.earning.Earning."""
        return tuple(each for each in await self._layer.seconds(actor) if self._is_own(each.unit))

    async def second(self, id: str, actor: Actor, *, correct: bool, reason: str = "") -> Autonomy | Refused:
        """See api.earning.Earning."""
        if await self.action(id) is None:
            return await self._unknown("no-second", "second look", id)
        return await self._layer.second(id, actor, correct=correct, reason=reason)

    async def drift(self, days: int = 30) -> tuple[Drift, ...]:
        """See api.earning.Earning."""
        return tuple(each for each in await self._layer.drift(days) if self._is_own(each.unit))

    async def alarms(self) -> tuple[Drift, ...]:
        """See api.earning.Earning."""
        return tuple(each for each in await self._layer.alarms() if self._is_own(each.unit))

    # --- labels -----------------------------------------------------------------------------------------------

    async def moments(self, workflow: str) -> "tuple[Moment, ...] | Refused":
        """See api.earning.Earning."""
        return await self._of(workflow, lambda: self._layer.moments(workflow))

    async def label_moment(self, workflow: str, id: str, actor: Actor, *, should: bool) -> Case | Refused:
        """See api.earning.Earning."""
        return await self._of(workflow, lambda: self._layer.label_moment(workflow, id, actor, should=should))

    async def harvest(self, workflow: str) -> "tuple[Harvested, ...] | Refused":
        """See api.earning.Earning."""
        return await self._of(workflow, lambda: self._layer.harvest(workflow))

    async def candidates(self, workflow: str) -> tuple[Case, ...] | Refused:
        """See api.earning.Earning."""
        return await self._of(workflow, lambda: self._layer.candidates(workflow))

    async def settle_candidates(
        self, workflow: str, actor: Actor, *, accept: Collection[str], drop: Collection[str]
    ) -> tuple[Case, ...] | Refused:
        """See api.earning.Earning."""
        return await self._of(
            workflow, lambda: self._layer.settle_candidates(workflow, actor, accept=accept, drop=drop)
        )

    async def _of(self, workflow: str, asked: Callable[[], Awaitable[T]]) -> T | Refused:
        if not self._is_own(workflow):
            return await self._unknown("unknown-ruleset", "ruleset", workflow)
        return await asked()
