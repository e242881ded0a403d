"""What admins do: kill switches, stages of autonomy, the configuration, the journal's proof."""

from typing import Literal

from api.layer.parts import Part
from api.outcomes import Autonomy, Checked, Refused, Switch, Verified
from api.views import Actor
from engine.ports import Entry
from engine.source.problem import Problem


class Control(Part):
    """api.facade.Control, but for the clock."""

    async def switches(self) -> tuple[Switch, ...]:
        """See api.facade.Control."""
        async with self.parts.store.transaction() as tx:
            pulled = await tx.switches()
        return tuple(Switch(scope=scope, on=True, reason=reason) for scope, reason in sorted(pulled.items()))

    async def set_switch(self, scope: str, on: bool, reason: str, actor: Actor) -> Switch | Refused:
        """See api.facade.Control."""
        problem = self._unknown_scope(scope)
        if problem:
            return Refused((problem,))
        now = self.parts.clock.now()
        async with self.parts.pipeline.transaction() as tx:
            await tx.set_switch(scope, on, reason)
            body = {"scope": scope, "on": on, "reason": reason}
            await tx.append(Entry(kind="switch", recorded_at=now, actor=actor.id, body=body))
        return Switch(scope=scope, on=on, reason=reason, by=actor.id, at=now)

    def _unknown_scope(self, scope: str) -> Problem | None:
        kind, _, name = scope.partition(":")
        home = self.parts.home
        known = {
            "ruleset": set(home.rulesets),
            "rule": {f"{each.id}/{rule.id}" for each in home.rulesets.values() for rule in each.rules},
            "source": set(home.sources.sources),
        }
        if scope == "all" or (kind in known and name in known[kind]):
            return None
        hint = "Scopes are `all`, `ruleset:X`, `rule:X/Y` and `source:X`."
        return Problem("unknown-scope", f"there is nothing called `{scope}` to switch off", hint=hint)

    # --- autonomy ---------------------------------------------------------------------------------------------

    async def autonomy(self) -> tuple[Autonomy, ...]:
        """See api.facade.Control."""
        found = []
        for act in self.parts.pipeline.session.rulebook.acts:
            name = act.spec.autonomy or self.parts.home.autonomy.default or ""
            policy = self.parts.context.autonomy.policy(name)
            stage: Literal["approval", "autonomous"] = (
                "autonomous" if policy and policy.approval == "never" else "approval"
            )
            rule = act.condition
            found.append(
                Autonomy(ruleset=rule.ruleset.id, rule=rule.rule.id, action=act.spec.id, stage=stage, policy=name)
            )
        return tuple(found)

    async def change_autonomy(
        self, ruleset: str, rule: str, action: str, step: Literal["request", "promote", "demote"], actor: Actor
    ) -> Autonomy | Refused:
        """See api.facade.Control."""
        del actor
        if not any((each.ruleset, each.rule, each.action) == (ruleset, rule, action) for each in await self.autonomy()):
            return Refused((Problem("unknown-action", f"there is no action {ruleset}/{rule}/{action}"),))
        hint = "The stage of an action is what config/autonomy.yaml states; change its policy there, under review."
        return Refused((Problem("no-evidence", f"no labelled evidence is kept to {step} on", hint=hint),))

    # --- configuration ----------------------------------------------------------------------------------------

    async def check(self) -> Checked:
        """See api.facade.Control."""
        from api.bootstrap import check_home

        return check_home(self.parts.folder)

    # --- the journal ------------------------------------------------------------------------------------------

    async def verify(self) -> Verified:
        """See api.facade.Control."""
        report = await self.parts.store.verify()
        return Verified(
            entries=report.entries,
            head=report.head,
            anchored=report.anchors,
            erased=report.erased,
            problems=report.problems,
        )
