"""What production has taught, as candidate cases that wait for a person's word."""

import asyncio
from collections.abc import Collection
from datetime import timedelta

import msgspec

from api.layer.labelling import Labelling
from api.outcomes import Refused
from api.views import Actor
from approvals.policy import editors
from engine.events import Action
from engine.rules.cases import Case
from engine.source.problem import Problem
from evals.autonomy.evidence import Evidence
from evals.diff.runs import history
from evals.labelled import candidates
from evals.labelled.harvest import Harvested, harvest, longest

_PAGE = 500


class Harvesting(Labelling):
    """api.earning.Earning, as far as production teaches."""

    async def harvest(self, workflow: str) -> tuple[Harvested, ...] | Refused:
        """See api.earning.Earning. The past is played once."""
        if workflow not in self.parts.home.rulesets:
            return _unknown(workflow)
        evidence = Evidence()
        await evidence.follow(self.parts.store)
        inputs, _ = await history(self.parts.store)
        hasty = msgspec.convert(self.parts.home.autonomy.earned.hasty, timedelta)
        actions = await self._actions()
        edited = {each.id: await self.parts.memory.proposed(each.id) for each in actions if editors(each)}
        drafted = {id: longest(payload) for id, payload in edited.items() if payload is not None}
        found = await asyncio.to_thread(
            harvest, self.parts.home, workflow, inputs, evidence, actions, hasty=hasty, drafted=drafted
        )
        await asyncio.to_thread(candidates.add, self.parts.folder, workflow, [each.case for each in found])
        return tuple(found)

    async def candidates(self, workflow: str) -> tuple[Case, ...] | Refused:
        """See api.earning.Earning."""
        if workflow not in self.parts.home.rulesets:
            return _unknown(workflow)
        return await asyncio.to_thread(candidates.waiting, self.parts.folder, workflow)

    async def settle_candidates(
        self, workflow: str, actor: Actor, *, accept: Collection[str], drop: Collection[str]
    ) -> tuple[Case, ...] | Refused:
        """See api.earning.Earning."""
        found = await self.candidates(workflow)
        if isinstance(found, Refused):
            return found
        strange = sorted({*accept, *drop} - {each.id for each in found})
        if strange or set(accept) & set(drop):
            named = ", ".join(strange or sorted(set(accept) & set(drop)))
            what = "no candidate, or no more" if strange else "to be accepted and dropped at once"
            return Refused((Problem("no-candidate", f"{named}: {what}"),))
        await asyncio.to_thread(candidates.accept, self.parts.folder, workflow, accept, by=actor.id)
        await asyncio.to_thread(candidates.drop, self.parts.folder, workflow, drop)
        return await asyncio.to_thread(candidates.waiting, self.parts.folder, workflow)

    async def _actions(self) -> list[Action]:
        found: list[Action] = []
        while page := await self.parts.store.actions(after=found[-1].id if found else "", limit=_PAGE):
            found += page
        return found


def _unknown(workflow: str) -> Refused:
    return Refused((Problem("unknown-ruleset", f"there is no ruleset `{workflow}`"),))
