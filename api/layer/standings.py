"""Where each action stands: its stage, its evidence against the gates, and what is missing."""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from api.layer.parts import Part, Parts
from api.outcomes import Audited, Autonomy, Refused, Stage
from approvals.autonomy.keeping import standings
from approvals.autonomy.standing import Standing
from approvals.structs import Policy
from engine.inference.nodes import Act
from engine.rules import Home
from engine.settings.values import resolve
from engine.source.problem import Problem
from evals.autonomy.evidence import Evidence, counted, criticals, split
from evals.autonomy.gates import Gate, Situation, go_live, graduation
from evals.autonomy.samples import Sample
from evals.autonomy.watching import watch
from evals.kept import latest
from evals.scoring import Confusion

_PAGE = 1000


class Standings(Part):
    """api.earning.Earning, as far as it reads."""

    evidence: Evidence

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.evidence = Evidence()

    async def autonomy(self) -> tuple[Autonomy, ...]:
        """See api.earning.Earning."""
        await self.evidence.follow(self.parts.store)
        acts = self.acts()
        reached = await standings(self.parts.store, acts)
        return tuple(self.row(name, act, reached[name]) for name, act in acts.items())

    async def stage(self, ruleset: str, rule: str, action: str) -> Stage | Refused:
        """See api.earning.Earning."""
        name = f"{ruleset}/{rule}/{action}"
        act = self.acts().get(name)
        if act is None:
            return unknown(name)
        await self.evidence.follow(self.parts.store)
        standing = (await standings(self.parts.store, (name,)))[name]
        samples = self.samples(name, standing)
        fingerprint = self.parts.stages.of(name)
        autonomous = standing is not None and standing.stage == "autonomous"
        results = self.results(name, standing) if standing and autonomous else ()
        return Stage(
            row=self.row(name, act, standing), samples=samples, history=await self._history(name),
            parts=fingerprint.parts if fingerprint else {},
            watched=watch(self.parts.home.autonomy.earned.watch, results) if autonomous else None,
        )  # fmt: skip

    async def audits(self) -> tuple[Audited, ...]:
        """See api.earning.Earning."""
        await self.evidence.follow(self.parts.store)
        return tuple(
            Audited(action=life.action, unit=life.unit, subject=life.subject, at=life.sent_at)
            for life in self.evidence.lives.values()
            if life.audited and life.audit is None and life.sent_at is not None
        )

    # --- one action -------------------------------------------------------------------------------------------

    def acts(self) -> dict[str, Act]:
        """Return what rules may do, by `ruleset/rule/action`."""
        found = self.parts.pipeline.session.rulebook.acts
        return {f"{act.condition.name}/{act.spec.id}": act for act in found}

    def row(self, name: str, act: Act, standing: Standing | None) -> Autonomy:
        """Return where an action stands."""
        policy = self.policy(act)
        gate, samples = self.gate(name, act, standing), self.samples(name, standing)
        rule, stage = act.condition, shown(policy, standing)
        share = standing.share if standing and stage == "autonomous" else 1.0
        settled = stage == "autonomous"
        return Autonomy(
            ruleset=rule.ruleset.id, rule=rule.rule.id, action=act.spec.id, stage=stage, policy=policy.name,
            labelled=gate.labelled, correct=sum(each.correct for each in counted(samples)),
            since=standing.since if standing else None, missing=() if settled else gate.missing, bound=gate.bound,
            window=gate.window, left_out=split(samples).left_out,
            fingerprint=standing.fingerprint if standing else "", share=share,
            audit=standing.audit if standing else 1.0, because=standing.because if standing else "", checks=gate.checks,
        )  # fmt: skip

    def gate(self, name: str, act: Act, standing: Standing | None) -> Gate:
        """Judge the next stage on what is known at the moment."""
        earned = self.parts.home.autonomy.earned
        if (standing.stage if standing else self.policy(act).starts) == "shadow":
            confusion, errors = self._evaluated(name)
            return go_live(earned.go_live, confusion, errors=errors)
        samples = self.samples(name, standing)
        operation = self.parts.context.operations(act.spec.operation)
        since = standing.since if standing else self.evidence.began
        situation = Situation(
            now=self.parts.clock.now(), since=since or self.parts.clock.now(), deployed=self.evidence.began,
            consequence=operation.consequence if operation else "high", policy=self.policy(act).approval,
            asked=standing.asked if standing else None,
            critical=criticals(self.evidence.judged(name), samples, standing.from_seq if standing else 0),
            misses=self.evidence.misses(name, standing.from_seq if standing else 0), least=earned.review.least,
        )  # fmt: skip
        return graduation(earned.graduation, counted(samples), situation)

    def samples(self, name: str, standing: Standing | None) -> tuple[Sample, ...]:
        """Return the labels that belong to the present fingerprint, those that do not count included."""
        since = standing.from_seq if standing else 0
        return self.evidence.samples(name, since=since, hasty=self._hasty(), waits=self._waits(name))

    def results(self, name: str, standing: Standing) -> tuple[Sample, ...]:
        """Return what was reviewed since promotion."""
        found = self.evidence.samples(
            name, since=standing.promoted_seq, hasty=self._hasty(), waits=self._waits(name)
        )  # fmt: skip
        return tuple(each for each in found if each.counts or each.critical)

    def policy(self, act: Act) -> Policy:
        """Return the policy of an action; one that nobody wrote allows nothing."""
        name = act.spec.autonomy or self.parts.home.autonomy.default or ""
        return self.parts.context.autonomy.policy(name) or Policy(name=name)

    def _hasty(self) -> timedelta:
        return msgspec.convert(self.parts.home.autonomy.earned.hasty, timedelta)

    def _waits(self, name: str) -> bool:
        outcome = self.acts()[name].spec.outcome if name in self.acts() else None
        return outcome is not None and outcome.accuses

    def _evaluated(self, name: str) -> tuple[Confusion, int]:
        """Return how an action's decisions did in the newest run of its cases under the present configuration."""
        fingerprint = self.parts.stages.of(name)
        found = latest(self.parts.folder, name, fingerprint.digest if fingerprint else "")
        return found or (Confusion(), 0)

    async def parts_at(self, name: str, fingerprint: str = "") -> Mapping[str, str]:
        """Return what an action depended on when a fingerprint, or any, was last noted."""
        found = [
            each["parts"]
            for each in await self._history(name)
            if "parts" in each and fingerprint in ("", each["fingerprint"])
        ]
        return found[-1] if found else {}

    async def _history(self, name: str) -> tuple[Mapping[str, Any], ...]:
        found: list[Mapping[str, Any]] = []
        after, rule = 0, name.rpartition("/")[0]
        while page := await self.parts.store.entries(after, subject=f"rule:{rule}", kinds=("autonomy",), limit=_PAGE):
            found += [
                {"seq": each.seq, "at": each.recorded_at, "by": each.actor, **(each.body or {})}
                for each in page
                if (each.body or {}).get("action") == name.rpartition("/")[2]
            ]
            after = page[-1].seq
        return tuple(found)


def shown(policy: Policy, standing: Standing | None) -> Any:  # noqa: ANN401  (a Stage)
    """Return the stage as it works: a policy that never asks is autonomous until somebody takes that back."""
    stage = standing.stage if standing else policy.starts
    taken = standing is not None and bool(standing.by)
    return "autonomous" if policy.approval == "never" and stage == "approval" and not taken else stage


def unknown(name: str) -> Refused:
    """Return the refusal of an action that no rule has."""
    return Refused((Problem("unknown-action", f"there is no action {name}"),))


def models_in_use(home: Home) -> tuple[str, ...]:
    """Return what stands behind the drafting route at the moment, whatever the files call it."""
    names = home.models.route("draft").providers
    providers = home.models.providers
    return tuple(
        f"{name}:{providers[name].kind}:{resolve(providers[name].model, os.environ)}" if name in providers else name
        for name in names
    )


def moment(at: datetime) -> str:
    """Return a moment for people."""
    return f"{at:%Y-%m-%d %H:%M}"
