"""What admins do: kill switches, the configuration, the journal's proof."""

from api.layer.parts import Part
from api.outcomes import Checked, Refused, Switch, Verified
from api.views import Actor
from engine.ports import Entry
from engine.source.problem import Problem

WHOLE = frozenset({"all", "source"})
"""Switches that stop actions of every ruleset."""


class Control(Part):
    """api.facade.Control, but for the clock, bundles and autonomy."""

    async def switches(self) -> tuple[Switch, ...]:
        """See api.facade.Control."""
        async with self.parts.store.transaction() as tx:
            pulled = await tx.switches()
        return tuple(
            Switch(scope=scope, on=True, reason=each.reason, by=each.by, at=each.at)
            for scope, each in sorted(pulled.items())
        )

    async def set_switch(self, scope: str, on: bool, reason: str, actor: Actor) -> Switch | Refused:
        """See api.facade.Control."""
        problem = self._unknown_scope(scope)
        if problem:
            return Refused((problem,))
        whole = "" if scope.partition(":")[0] in WHOLE else scope.partition(":")[2].partition("/")[0]
        if whole or not on:  # whoever may stop anything may stop everything; to let it go again is another matter
            refused = await self.beyond(actor, whole, f"{'pull' if on else 'release'} {scope}")
            if refused is not None:
                return refused
        now = self.parts.clock.now()
        async with self.parts.pipeline.transaction() as tx:
            await tx.set_switch(scope, on, reason, actor.id)
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

    # --- configuration ----------------------------------------------------------------------------------------

    async def check(self) -> Checked:
        """See api.facade.Control."""
        from api.checks import check_home

        return check_home(self.parts.folder)

    # --- the journal ------------------------------------------------------------------------------------------

    async def verify(self) -> Verified:
        """See api.facade.Control."""
        report = await self.parts.store.verify()
        return Verified(
            entries=report.entries,
            head=report.head,
            anchored=report.anchors,
            anchored_from=report.anchored_from,
            erased=report.erased,
            problems=report.problems,
        )
