"""Evidence carried over a change of configuration by an admin, when nothing would have been decided otherwise."""

import asyncio

import msgspec

from api.bundles.ruling import entry_of, journaled
from api.layer.earning import Earned
from api.layer.standings import unknown
from api.outcomes import Autonomy, Refused
from api.views import Actor
from approvals.autonomy.keeping import keep, standing_named
from approvals.autonomy.standing import Standing
from engine.rules import Home
from engine.source.problem import Problem
from evals.autonomy.carrying import Carry, carry
from evals.diff.runs import history


class Carrying(Earned):
    """api.earning.Earning, as far as evidence is carried over."""

    async def carry_autonomy(self, ruleset: str, rule: str, action: str, actor: Actor) -> Autonomy | Refused:
        """See api.earning.Earning."""
        name = f"{ruleset}/{rule}/{action}"
        if name not in self.acts():
            return unknown(name)
        refusal = await self.beyond(actor, ruleset, f"carry {name}") or await self.no_promoter(name, actor)
        if refusal:
            return refusal
        await self.evidence.follow(self.parts.store)
        async with self.parts.store.transaction() as tx:
            standing = await standing_named(tx, name)
        if standing is None or standing.former is None:
            return _refused("nothing-to-carry", f"nothing that {name} depends on has changed since it was last judged")
        found = await self._compared(name, standing, standing.former)
        if isinstance(found, Refused):
            return found
        if found.refused:
            return Refused(tuple(Problem("not-carried", each) for each in found.refused))
        refused = await self._carried(name, standing, found, actor)
        await self.review()
        return refused or next(
            each for each in await self.autonomy() if (each.ruleset, each.rule, each.action) == (ruleset, rule, action)
        )

    async def _compared(self, name: str, standing: Standing, former: Standing) -> Carry | Refused:
        before = await self._home_at(former.revision)
        if before is None:
            return _refused(
                "unknown-revision",
                f"the journal does not hold the configuration under which {name} earned it: it is earned again",
            )
        parts = (await self.parts_at(name, former.fingerprint), await self.parts_at(name, standing.fingerprint))
        inputs, coverage = await history(self.parts.store)
        return await asyncio.to_thread(carry, name, (before, self.parts.home), parts, inputs, coverage)

    async def _home_at(self, revision: str) -> Home | None:
        if revision == self.parts.home.revision:
            return self.parts.home
        stored = await entry_of(self.parts.store, revision) if revision else None
        home = journaled(stored) if stored is not None else None
        return home if home is not None and not home.problems else None

    async def _carried(self, name: str, standing: Standing, found: Carry, actor: Actor) -> Refused | None:
        now, former = self.parts.clock.now(), standing.former
        assert former is not None  # looked at before
        carried = msgspec.structs.replace(
            former, fingerprint=standing.fingerprint, revision=standing.revision, because=f"carried over by {actor.id}"
        )
        facts = {
            "changed": list(found.changed), "diff": found.digest, "inputs": found.inputs, "decisions": found.decisions,
            "from": former.fingerprint, "base": former.revision, "head": standing.revision,
        }  # fmt: skip
        async with self.parts.pipeline.transaction() as tx:
            if await standing_named(tx, name) != standing:
                return _refused("overtaken", f"{name} changed meanwhile; look at it again")
            await keep(tx, name, carried, "carry", by=actor.id, at=now, facts=facts)
        return None


def _refused(code: str, message: str) -> Refused:
    return Refused((Problem(code, message),))
