"""The desk's part of the facade's double."""
# ruff: noqa: ARG002  (a double takes what the protocol gives)

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from api import outcomes, views
from approvals.queue import Conversation, Ranking, Waiting
from approvals.standing import Standing
from approvals.verdicts import Preview
from engine.events import Verdict
from engine.source.problem import Problem
from tests.api import sample


class DoubleDesk:
    """A queue over the double's own actions, one conversation each."""

    async def queue(self, actor: views.Actor, *, mine: bool = True) -> tuple[Conversation, ...]:
        return tuple(
            Conversation(
                account=each.key.subject,
                label=each.key.subject,
                points=25,
                waiting=(Waiting(action=each, points=25, why=("medium consequence",)),),
            )
            for each in self.store.values()
            if each.state == "pending"
        )

    async def ranking(self, actor: views.Actor, *, mine: bool = True, most: int | None = None) -> Ranking:
        found = await self.queue(actor, mine=mine)
        return Ranking(conversations=found[:most], accounts=len(found), waiting=len(found))

    async def preview(self, id: str, edit: Mapping[str, Any], actor: views.Actor) -> Preview | outcomes.UnknownAction:
        action = self.store.get(id)
        if action is None:
            return outcomes.UnknownAction(id)
        wrong = set(edit) - {"subject", "text"}
        problems = (Problem("not-editable", f"{', '.join(sorted(wrong))} may not be edited."),) if wrong else ()
        return Preview(payload={**action.payload, **edit}, digest="e" * 64, problems=problems)

    async def decide_many(self, verdicts: Sequence[Verdict], actor: views.Actor) -> tuple[outcomes.DecideOutcome, ...]:
        return tuple([await self.decide(each, actor) for each in verdicts])

    async def standing(self) -> tuple[Standing, ...]:
        return ()

    async def lift(self, id: str, actor: views.Actor) -> bool | outcomes.Refused:
        return False

    async def set_away(
        self, person: str, days: tuple[date, date] | None, actor: views.Actor
    ) -> views.Person | outcomes.Refused:
        for each in sample.PEOPLE:
            if each.id == person:
                return msgspec.structs.replace(each, away=days)
        return outcomes.Refused((Problem("unknown-person", f"There is no person {person}."),))

    async def people_now(self) -> tuple[views.Person, ...]:
        return sample.PEOPLE

    async def dossier(self, id: str) -> views.Dossier | None:
        action = self.store.get(id)
        return None if action is None else views.Dossier(at=sample.NOW, action=action)
