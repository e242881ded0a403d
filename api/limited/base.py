"""What every part of the limited layer shares: whose it is, and what to say of what is not there."""

from api.facade import Layer
from api.outcomes import Refused
from api.views import Actor
from engine.source.problem import Problem


class Base:
    """One actor's rulesets over the whole layer."""

    def __init__(self, layer: Layer, actor: Actor) -> None:
        self._layer = layer
        self._actor = actor
        self._own = frozenset(actor.rulesets)

    def _is_own(self, unit: str) -> bool:
        """Whether `ruleset`, `ruleset/rule` or `ruleset/rule/action` is of one's own rulesets."""
        return unit.partition("/")[0] in self._own

    def _only(self, rulesets: frozenset[str] | None) -> frozenset[str]:
        """Return which of the rulesets asked for, None for all, are one's own."""
        return self._own if rulesets is None else self._own & rulesets

    async def _denied(self, what: str) -> None:
        """Journal that somebody asked for what is not theirs."""
        await self._layer.denied(self._actor, what, f"{self._actor.id} is limited to {', '.join(sorted(self._own))}")

    async def _unknown(self, code: str, what: str, name: str) -> Refused:
        """Journal the try, and answer as if there were nothing of this name."""
        await self._denied(f"{what} {name}")
        return Refused((Problem(code, f"there is no {what} `{name}`"),))
