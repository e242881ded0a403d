"""What the outside may ask of autonomy: where each action stands, and the steps from stage to stage."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Literal, Protocol

from api.outcomes import Audited, Autonomy, Refused, Stage
from api.views import Actor
from engine.rules.cases import Case
from evals.drift import Drift

if TYPE_CHECKING:
    from evals.labelled.choosing import Moment
    from evals.labelled.harvest import Harvested


class Earning(Protocol):
    """How far actions go by themselves."""

    async def autonomy(self) -> tuple[Autonomy, ...]:
        """Return the stage of every (ruleset, rule, action)."""
        ...

    async def change_autonomy(
        self, ruleset: str, rule: str, action: str, step: Literal["request", "promote", "demote"], actor: Actor
    ) -> Autonomy | Refused:
        """Ask for, grant or take back a stage."""
        ...

    async def carry_autonomy(self, ruleset: str, rule: str, action: str, actor: Actor) -> Autonomy | Refused:
        """Carry stage and evidence over the last change; Refused where anything would have been decided otherwise."""
        ...

    async def stage(self, ruleset: str, rule: str, action: str) -> Stage | Refused:
        """Return where an action stands with all its evidence; Refused when it is unknown."""
        ...

    async def audits(self) -> tuple[Audited, ...]:
        """Return the actions that went by themselves and wait for somebody to look at them, oldest first."""
        ...

    async def audit(
        self, id: str, actor: Actor, *, correct: bool, reason: str = "", critical: bool = False
    ) -> Autonomy | Refused:
        """Say whether an action that went by itself was right; Refused when nobody asked."""
        ...

    async def seconds(self, actor: Actor) -> tuple[Audited, ...]:
        """Return decided actions that this person should look at without knowing what was decided."""
        ...

    async def second(self, id: str, actor: Actor, *, correct: bool, reason: str = "") -> Autonomy | Refused:
        """Say as a second person whether an action was right; Refused when nobody asked this person."""
        ...

    async def moments(self, workflow: str) -> "tuple[Moment, ...] | Refused":
        """Return moments of the past that are worth a label and have none; Refused when the workflow is unknown."""
        ...

    async def label_moment(self, workflow: str, id: str, actor: Actor, *, should: bool) -> Case | Refused:
        """Keep a person's word on a moment as a case."""
        ...

    async def harvest(self, workflow: str) -> "tuple[Harvested, ...] | Refused":
        """Make candidates of what people decided and what came of it; Refused when the workflow is unknown."""
        ...

    async def candidates(self, workflow: str) -> tuple[Case, ...] | Refused:
        """Return the candidates that nobody has looked at; Refused when the workflow is unknown."""
        ...

    async def settle_candidates(
        self, workflow: str, actor: Actor, *, accept: Collection[str], drop: Collection[str]
    ) -> tuple[Case, ...] | Refused:
        """Make cases of some candidates and drop others, by their ids; what is left, Refused when one is none."""
        ...

    async def drift(self, days: int = 30) -> tuple[Drift, ...]:
        """Compare inputs, verdicts and edits of the last days with all before."""
        ...

    async def watch_drift(self, days: int = 30) -> tuple[Drift, ...]:
        """Compare, and remember what is an alarm until the next time; a new one is journaled."""
        ...

    async def alarms(self) -> tuple[Drift, ...]:
        """Return what was an alarm when drift was looked at last."""
        ...
