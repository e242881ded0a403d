"""Moments of the past that are worth a person's word, and the words kept as cases."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from api.bundles.ruling import activations, journaled
from api.layer.doubting import Doubting
from api.outcomes import Refused
from api.views import Actor
from engine.rules import Home
from engine.rules.cases import Case, Label
from engine.source.problem import Problem
from evals.diff.runs import history
from evals.labelled.choosing import Moment, choose
from evals.labelled.reading import read_cases
from evals.labelled.writing import append

_MOST = 200


class _Chosen(NamedTuple):
    head: int
    revision: str
    moments: Sequence[Moment]


class Labelling(Doubting):
    """api.earning.Earning, as far as people label the past."""

    _chosen: dict[str, _Chosen] | None = None

    async def moments(self, workflow: str) -> tuple[Moment, ...] | Refused:
        """See api.earning.Earning. The past is played once, and again when all is labelled or rules changed."""
        if workflow not in self.parts.home.rulesets:
            return Refused((Problem("unknown-ruleset", f"there is no ruleset `{workflow}`"),))
        self._chosen = self._chosen or {}
        known = {each.id for each in (await asyncio.to_thread(read_cases, self.parts.folder, workflow))[0]}
        async with self.parts.store.transaction() as tx:
            head = await tx.head()
        chosen = self._chosen.get(workflow)
        now = self.parts.home.revision
        if chosen is None or chosen.revision != now or (chosen.head != head and not _left(chosen, known)):
            inputs, _ = await history(self.parts.store)
            other = await self._ruled_before()
            found = await asyncio.to_thread(
                choose, self.parts.home, workflow, inputs, other=other, known=known, limit=_MOST
            )
            chosen = self._chosen[workflow] = _Chosen(head, now, found)
        return tuple(_left(chosen, known))

    async def label_moment(self, workflow: str, id: str, actor: Actor, *, should: bool) -> Case | Refused:
        """See api.earning.Earning."""
        found = await self.moments(workflow)
        if isinstance(found, Refused):
            return found
        moment = next((each for each in found if each.case.id == id), None)
        if moment is None:
            return Refused((Problem("no-moment", f"nobody asks about {id}, or somebody has answered already"),))
        case = labelled(moment, should=should, by=actor.id, on=f"{self.parts.clock.now():%Y-%m-%d}")
        await asyncio.to_thread(append, self.parts.folder, workflow, [case])
        return case

    async def _ruled_before(self) -> Home | None:
        """Return the configuration that ruled before the present one, for what the two decide otherwise."""
        present = self.parts.home.revision
        entries = [each for each in await activations(self.parts.store) if each.revision != present]
        home = journaled(entries[-1]) if entries else None
        return home if home is not None and not home.problems else None


def labelled(moment: Moment, *, should: bool, by: str, on: str) -> Case:
    """Return a moment as a case with a person's word."""
    label = Label(source="person", by=by, on=on, note=moment.why)
    named = {"should": (moment.asked,)} if should else {"should_not": (moment.asked,)}
    return msgspec.structs.replace(moment.case, label=label, **named)


def _left(chosen: _Chosen, known: set[str]) -> list[Moment]:
    return [each for each in chosen.moments if each.case.id not in known]
