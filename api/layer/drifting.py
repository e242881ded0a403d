"""Whether the present still looks like the past: watched by itself, and remembered while it is an alarm."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import msgspec

from api.layer.harvesting import Harvesting
from api.outcomes import Measures, Refused
from approvals.autonomy.standing import unit
from engine.events import Action, Decision
from engine.ports import Entry
from evals import drift as compared
from evals.drift import Drift
from evals.labelled.harvest import longest
from evals.scored.words import similarity

_SETTING: Final = "drift"
_PAGE: Final = 500


class Drifting(Harvesting):
    """api.earning.Earning, as far as drift is watched."""

    async def drift(self, days: int = 30) -> tuple[Drift, ...]:
        """See api.earning.Earning."""
        since = self.parts.clock.now() - timedelta(days=days)
        sent: dict[str, list[Action]] = {}
        async for each in self._sent():
            sent.setdefault(unit(each.key), []).append(each)
        found: list[Drift] = []
        for row in await self.autonomy():
            name = f"{row.ruleset}/{row.rule}/{row.action}"
            stage = await self.stage(row.ruleset, row.rule, row.action)
            made = [each async for each in self._proposed(row.ruleset, row.rule) if each.key.action == row.action]
            likeness = [
                (each.created_at, similarity(each.draft.text, longest(each.payload)))
                for each in sent.get(name, ())
                if each.draft is not None
            ]
            found += compared.inputs(name, made, since) + compared.edits(name, likeness, since)
            found += () if isinstance(stage, Refused) else compared.verdicts(name, stage.samples, since)
        return tuple(found)

    async def watch_drift(self, days: int = 30) -> tuple[Drift, ...]:
        """See api.earning.Earning."""
        found = await self.drift(days)
        alarms = tuple(each for each in found if each.alarm)
        before = await self.alarms()
        if alarms != before:
            fresh = [f"{each.unit}: {each.what}" for each in alarms if _named(each) not in set(map(_named, before))]
            async with self.parts.pipeline.transaction() as tx:
                await tx.set_setting(_SETTING, msgspec.json.encode(alarms).decode())
                if fresh:
                    now = self.parts.clock.now()
                    await tx.append(Entry(kind="note", recorded_at=now, actor="opslayer", body={"drift": fresh}))
        return found

    async def alarms(self) -> tuple[Drift, ...]:
        """See api.earning.Earning."""
        text = await self.parts.store.setting(_SETTING)
        return msgspec.json.decode(text, type=tuple[Drift, ...]) if text else ()

    async def measures(self) -> Measures:
        """See api.facade.Upkeep."""
        return msgspec.structs.replace(await super().measures(), alarms=len(await self.alarms()))

    async def _sent(self) -> AsyncIterator[Action]:
        after = ""
        while page := await self.parts.store.actions(state="sent", after=after, limit=_PAGE):
            for each in page:
                yield each
            after = page[-1].id

    async def _proposed(self, ruleset: str, rule: str) -> AsyncIterator[Decision]:
        after = ""
        while page := await self.parts.store.decisions(ruleset=ruleset, rule=rule, after=after, limit=_PAGE):
            for each in page:
                yield each
            after = page[-1].id


def _named(each: Drift) -> tuple[str, str]:
    return each.unit, each.what
