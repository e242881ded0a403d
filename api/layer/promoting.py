"""Stages asked for, granted and taken back by people."""

from datetime import timedelta
from typing import Any, Literal

import msgspec

from api.layer.aftermath import Aftermath
from api.layer.standings import shown, unknown
from api.outcomes import Autonomy, Refused
from api.views import Actor
from approvals.autonomy.keeping import call_back, keep, standing_named
from approvals.autonomy.standing import Asked, Standing
from engine.events import ActionKey
from engine.inference.nodes import Act
from engine.ports import Transaction
from engine.source.problem import Problem
from evals.autonomy.evidence import counted
from evals.autonomy.gates import Gate
from evals.autonomy.watching import watch

_VALID = timedelta(days=7)
"""How long a granted ask may wait for its promotion."""


class Promoting(Aftermath):
    """api.earning.Earning, as far as people change autonomy."""

    async def change_autonomy(
        self, ruleset: str, rule: str, action: str, step: Literal["request", "promote", "demote"], actor: Actor
    ) -> Autonomy | Refused:
        """See api.earning.Earning."""
        name = f"{ruleset}/{rule}/{action}"
        act = self.acts().get(name)
        if act is None:
            return unknown(name)
        refused = await self.beyond(actor, ruleset, f"{step} {name}")
        if refused is not None:
            return refused
        await self.evidence.follow(self.parts.store)
        refused = await {"request": self._request, "promote": self._promote, "demote": self._demote}[step](
            name, act, actor
        )
        if refused is not None:
            return refused
        return next(
            each for each in await self.autonomy() if (each.ruleset, each.rule, each.action) == (ruleset, rule, action)
        )

    # --- the three steps --------------------------------------------------------------------------------------

    async def _request(self, name: str, act: Act, actor: Actor) -> Refused | None:
        """Freeze the evidence as it stands and judge it; a full look counts as one, whatever it finds."""
        async with self.parts.pipeline.transaction() as tx:
            standing = await self._standing(tx, name, act)
            if shown(self.policy(act), standing) == "autonomous":
                return _refused("nothing-to-ask", f"{name} goes by itself already")
            gate = self.gate(name, act, standing)
            now = self.parts.clock.now()
            looked = gate.window >= self.parts.home.autonomy.earned.graduation.samples or standing.stage == "shadow"
            asked = Asked(seq=self.evidence.seq, labelled=gate.labelled, passed=gate.passed, by=actor.id, at=now)
            fresh = next((each.met for each in gate.checks if each.name == "fresh samples"), True)
            kept = msgspec.structs.replace(standing, asked=asked) if looked and fresh else standing
            await keep(tx, name, kept, "request", by=actor.id, at=now, facts={"asked": _figures(gate)})
        return None if gate.passed else _missing(gate)

    async def _promote(self, name: str, act: Act, actor: Actor) -> Refused | None:
        refusal = await self.no_promoter(name, actor)
        if refusal:
            return refusal
        async with self.parts.pipeline.transaction() as tx:
            standing = await self._standing(tx, name, act)
        if shown(self.policy(act), standing) == "autonomous":
            return _refused("nothing-to-promote", f"{name} goes by itself already")
        if self.policy(act).approval == "never" and standing.stage == "approval":
            await self._lift(name, standing, actor)
            return None
        if not self._granted(name, standing):
            refused = await self._request(name, act, actor)
            if refused is not None:
                return refused
        async with self.parts.pipeline.transaction() as tx:
            standing = await self._standing(tx, name, act)
            gate = self.gate(name, act, msgspec.structs.replace(standing, asked=None))
            await keep(
                tx, name, self._promoted(standing, actor), "promote", by=actor.id, at=self.parts.clock.now(),
                facts={"evidence": _figures(gate), "samples": self._frozen(name, standing)},
            )  # fmt: skip
        return None

    async def _demote(self, name: str, act: Act, actor: Actor) -> Refused | None:
        async with self.parts.pipeline.transaction() as tx:
            standing = await self._standing(tx, name, act)
            if standing.stage == "shadow":
                return _refused("nothing-to-demote", f"{name} is in shadow already")
            lower: Literal["approval", "shadow"] = (
                "approval" if shown(self.policy(act), standing) == "autonomous" else "shadow"
            )
            await self._take_back(tx, name, standing, f"taken back by {actor.id}", actor.id, lower)
        return None

    # --- what they need ---------------------------------------------------------------------------------------

    async def no_promoter(self, name: str, actor: Actor) -> Refused | None:
        """Refuse, and journal, who may not promote: it takes an admin who is a person and did not write the rule."""
        found = self._unfit(name, actor)
        return await self.forbid(actor, f"promote {name}", *found) if found else None

    def _unfit(self, name: str, actor: Actor) -> tuple[str, str] | None:
        if actor.id not in self.parts.people:
            return "no-person", f"promotion takes a person of config/people.yaml, and {actor.id} is none"
        if "admin" not in actor.roles:
            return "no-admin", f"{actor.id} is no admin"
        ruleset, rule, action = name.split("/")
        authors = self.parts.context.authors(ActionKey(ruleset, rule, action, ""), self.parts.home.revision)
        if actor.id in authors:
            return "own-rule", f"{actor.id} wrote {ruleset}; another admin promotes it"
        if not authors and actor.id == self.parts.home.answerable(ruleset, rule):
            told = f"no history tells who wrote {ruleset}, and {actor.id} answers for it; another admin promotes it"
            return "own-rule", told
        return None

    def _granted(self, name: str, standing: Standing) -> bool:
        """Whether an ask passed, not long ago, and nothing has spoken against it since."""
        asked = standing.asked
        if asked is None or not asked.passed or self.parts.clock.now() - asked.at > _VALID:
            return False
        since = [
            each for each in self.samples(name, standing) if each.seq > asked.seq and (each.counts or each.critical)
        ]
        return not watch(self.parts.home.autonomy.earned.watch, since).alarm

    def _promoted(self, standing: Standing, actor: Actor) -> Standing:
        earned, now, seq = self.parts.home.autonomy.earned, self.parts.clock.now(), self.evidence.seq
        if standing.stage == "shadow":
            return Standing(
                stage="approval", since=now, fingerprint=standing.fingerprint, from_seq=seq, revision=standing.revision
            )  # fmt: skip
        return Standing(
            stage="autonomous", since=now, fingerprint=standing.fingerprint, from_seq=standing.from_seq,
            share=min(earned.canary.shares), audit=earned.audit.shares[0], step_seq=seq, promoted_seq=seq, by=actor.id,
            revision=standing.revision,
        )  # fmt: skip

    def _frozen(self, name: str, standing: Standing) -> list[list[Any]]:
        upto = standing.asked.seq if standing.asked else self.evidence.seq
        found = [each for each in counted(self.samples(name, standing)) if each.seq <= upto]
        window = found[-self.parts.home.autonomy.earned.graduation.samples :]
        return [[each.action, each.correct] for each in window]

    async def _lift(self, name: str, standing: Standing, actor: Actor) -> None:
        now = self.parts.clock.now()
        lifted = Standing(
            stage="approval", since=now, fingerprint=standing.fingerprint, from_seq=standing.from_seq,
            revision=standing.revision,
        )  # fmt: skip
        async with self.parts.pipeline.transaction() as tx:
            await keep(tx, name, lifted, "promote", by=actor.id, at=now, facts={"lifted": True})

    async def _standing(self, tx: Transaction, name: str, act: Act) -> Standing:
        """Return the stage that is kept, or the one where an action of its policy starts."""
        found = await standing_named(tx, name)
        if found is not None:
            return found
        fingerprint = self.parts.stages.of(name)
        since = self.evidence.began or self.parts.clock.now()
        return Standing(
            stage=self.policy(act).starts, since=since, fingerprint=fingerprint.digest if fingerprint else "",
            revision=self.parts.home.revision,
        )  # fmt: skip

    async def _take_back(
        self,
        tx: Transaction,
        name: str,
        standing: Standing,
        because: str,
        by: str,
        stage: Literal["approval", "shadow"],
    ) -> None:
        """Demote at once: what waits to go by itself is in the inbox when this is durable."""
        now = self.parts.clock.now()
        lower = Standing(
            stage=stage, since=now, fingerprint=standing.fingerprint, from_seq=self.evidence.seq, by=by,
            because=because, revision=standing.revision,
        )  # fmt: skip
        queued = await call_back(tx, self.parts.context.life, name, lower, now)
        facts = {"queued": [each.id for each in queued]}
        await keep(tx, name, lower, "demote", by=by, at=now, facts=facts)


def _figures(gate: Gate) -> dict[str, Any]:
    return {
        "window": gate.window, "correct": gate.correct, "labelled": gate.labelled, "bound": round(gate.bound, 6),
        "checks": [[each.name, each.met, each.found] for each in gate.checks],
    }  # fmt: skip


def _missing(gate: Gate) -> Refused:
    return Refused(tuple(Problem("evidence-missing", each) for each in gate.missing))


def _refused(code: str, message: str) -> Refused:
    return Refused((Problem(code, message),))
