"""The watch over what goes by itself: it takes back what errs, widens what does well, and notes what changes."""

from collections.abc import Mapping

import msgspec

from api.bundles.trial import Tried
from api.layer.configuration import Configured
from api.layer.deciding import Deciding
from api.layer.promoting import Promoting
from api.outcomes import Autonomy, DecideOutcome, Refused
from api.views import Actor
from approvals.autonomy.keeping import call_back, keep, standing_named
from approvals.autonomy.standing import Standing
from approvals.models.observed import recall
from engine.events import Verdict
from engine.inference.nodes import Act
from engine.ports import Transaction
from engine.source.problem import Problem
from evals.autonomy.fingerprints import Fingerprint, changed
from evals.autonomy.watching import audit_share, next_share, watch

WATCH = "watch"


class Earned(Promoting, Configured, Deciding):
    """Reviews after every word of a person, and as time passes."""

    _noted: Mapping[str, Fingerprint] | None = None
    """The fingerprints that were held against the stages last."""

    async def audit(
        self, id: str, actor: Actor, *, correct: bool, reason: str = "", critical: bool = False
    ) -> Autonomy | Refused:
        """See api.earning.Earning."""
        waiting = next((each for each in await self.audits() if each.action == id), None)
        if waiting is None:
            return Refused((Problem("no-audit", f"nobody asks whether {id} was right"),))
        refused = await self.beyond(actor, waiting.unit.partition("/")[0], f"audit {id}")
        if refused is not None:
            return refused
        facts = {"sample": id, "correct": correct, "reason": reason, "critical": critical and not correct}
        async with self.parts.pipeline.transaction() as tx:
            now = self.parts.clock.now()
            standing = await standing_named(tx, waiting.unit) or Standing(stage="approval", since=now)
            await keep(tx, waiting.unit, standing, "audited", by=actor.id, at=now, facts=facts)
        await self.review()
        ruleset, rule, action = waiting.unit.split("/")
        rows = await self.autonomy()
        return next(each for each in rows if (each.ruleset, each.rule, each.action) == (ruleset, rule, action))

    # --- what happens by itself -------------------------------------------------------------------------------

    async def review(self) -> None:
        """Demote what errs, widen what does well; cheap where nothing is autonomous."""
        if not self.parts.stages.all():
            return
        await self._observe()
        await self.evidence.follow(self.parts.store)
        for name, act in self.acts().items():
            if self.parts.stages.of(name) is not None:
                await self._reviewed(name, act)

    async def _reviewed(self, name: str, act: Act) -> None:
        earned, now = self.parts.home.autonomy.earned, self.parts.clock.now()
        async with self.parts.pipeline.transaction() as tx:
            standing = await self._standing(tx, name, act)
            if standing.stage != "autonomous":
                return
            results = self.results(name, standing)
            critical = [
                each.action
                for each in self.evidence.of(name)
                if each.critical and each.proposed >= standing.promoted_seq
            ]
            watched = watch(earned.watch, results)
            alarm = watched.alarm or (f"a critical error: {critical[0]}" if critical else "")
            if alarm:
                await self._take_back(tx, name, standing, alarm, WATCH, "approval")
                return
            step = [each for each in results if each.seq > standing.step_seq]
            share = next_share(earned.canary, standing.share, step, standing.since, now)
            audit = audit_share(earned.audit, [each for each in results if each.source == "audit"])
            if (share, audit) != (standing.share, standing.audit):
                since, seq = (
                    (now, self.evidence.seq) if share != standing.share else (standing.since, standing.step_seq)
                )
                wider = msgspec.structs.replace(standing, share=share, audit=audit, since=since, step_seq=seq)
                await keep(tx, name, wider, "canary", by=WATCH, at=now, facts={"reviewed": watched.reviewed})

    async def _observe(self) -> None:
        """Take in which models answered, in whatever process; another one than before changes what actions are."""
        stages, routes = self.parts.stages, self.parts.home.models.routes
        for route, answered in (await recall(self.parts.store.setting, routes)).items():
            for provider, model in answered.items():
                stages.observe(route, provider, model)
        if self._noted is not stages.all():
            await self.align()

    async def align(self) -> None:
        """Note what each action depends on; where that changed, the evidence and the stage are earned again."""
        self._noted = self.parts.stages.all()
        for name, fingerprint in self.parts.stages.all().items():
            act = self.acts()[name]
            async with self.parts.pipeline.transaction() as tx:
                known = await standing_named(tx, name)
                if known is not None and known.fingerprint == fingerprint.digest:
                    continue
                await self.evidence.follow(self.parts.store)
                before = await self.parts_at(name) if known else {}
                told = ", ".join(changed(before, fingerprint.parts)) if known else ""
                await self._aligned(tx, name, act, known, fingerprint.digest, told, fingerprint.parts)

    async def _aligned(
        self,
        tx: Transaction,
        name: str,
        act: Act,
        known: Standing | None,
        digest: str,
        told: str,
        parts: Mapping[str, str],
    ) -> None:
        now = self.parts.clock.now()
        stage = (
            "approval" if known and known.stage == "autonomous" else known.stage if known else self.policy(act).starts
        )
        because = f"what it depends on changed: {told}" if known else ""
        fresh = Standing(
            stage=stage, since=now, fingerprint=digest, from_seq=self.evidence.seq if known else 0, because=because,
            by=known.by if known and known.stage != "autonomous" else "", revision=self.parts.home.revision,
            former=self._former(name, known),
        )  # fmt: skip
        if known is not None and known.stage == "autonomous":
            await call_back(tx, self.parts.context.life, name, fresh, now)
        await keep(
            tx,
            name,
            fresh,
            "fingerprint",
            by="opslayer",
            at=now,
            facts={"parts": dict(parts), "revision": self.parts.home.revision},
        )

    def _former(self, name: str, known: Standing | None) -> Standing | None:
        """Return what may be carried over: what was reached, or, where nothing was said since, what was before that."""
        if known is None:
            return None
        if known.former is not None and not self.samples(name, known):
            return known.former
        return msgspec.structs.replace(known, former=None)

    # --- where it hooks in ------------------------------------------------------------------------------------

    async def decide(self, verdict: Verdict, actor: Actor, idempotency_key: str = "") -> DecideOutcome:
        """See api.facade.Inbox."""
        result = await super().decide(verdict, actor, idempotency_key)
        await self.review()
        return result

    async def decide_by_link(self, token: str, choice: str, code: str = "", reason: str = "") -> DecideOutcome:
        """See api.facade.Inbox."""
        result = await super().decide_by_link(token, choice, code, reason)
        await self.review()
        return result

    async def expire(self) -> int:
        """See api.facade.Upkeep."""
        moved = await super().expire()
        await self.outcomes()
        await self.review()
        return moved

    async def _take_over(self, tried: Tried, expected: str, actor: Actor, named: str) -> bool:
        done = await super()._take_over(tried, expected, actor, named)
        await self.align()
        return done

    async def _follow(self) -> None:
        await super()._follow()
        await self.align()
