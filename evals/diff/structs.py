"""What a comparison of two revisions found."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from engine.events import ActionKey
from engine.source.counted import counted
from engine.source.problem import Problem
from evals.diff.semantic import Change

Effect = Literal["appears", "vanishes", "changes"]


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """One decision as far as it is compared; `customer` is the account that its subject belongs to."""

    key: ActionKey
    kind: str
    at: datetime
    customer: str
    inputs: Mapping[str, Any] = {}

    def __hash__(self) -> int:
        return hash((self.key, self.kind, self.at))

    @property
    def rule(self) -> str:
        """`ruleset/rule`."""
        return f"{self.key.ruleset}/{self.key.rule}"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One decision that only one revision makes, or that both make differently; `details` say how."""

    effect: Effect
    before: Made | None = None
    after: Made | None = None
    details: tuple[str, ...] = ()

    @property
    def made(self) -> Made:
        """The decision as it would be made, or as it was."""
        made = self.after or self.before
        assert made is not None
        return made


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """One difference with its reasons: why the one revision decides it, and why the other does not."""

    effect: Effect
    rule: str
    action: str
    subject: str
    kind: str
    at: datetime
    because: str = ""
    details: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    why_not: tuple[str, ...] = ()


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of difference of one action: how many, for how many customers, about how much money by currency."""

    rule: str
    action: str
    kind: str
    effect: Effect
    count: int
    customers: int
    amounts: Mapping[str, str] = {}


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A consequence for how far an action may go by itself; `shifts` when a person decides in one revision only."""

    rule: str
    action: str
    text: str
    shifts: bool = False

    def __str__(self) -> str:
        return f"{self.rule}/{self.action} {self.text}"


class Unevaluable(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that reads what was not kept then; `skipped` decisions that would differ are told apart, not counted."""

    rule: str
    before: str
    fields: tuple[str, ...]
    skipped: int = 0

    def __str__(self) -> str:
        told = f"{self.rule}: not evaluable before {self.before}, for {', '.join(self.fields)} was not kept until then"
        return told + (f" ({counted(self.skipped, 'decision')} left out)" if self.skipped else "")


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What both revisions made of the same inputs; `unchanged` counts the decisions they agree on."""

    inputs: int = 0
    first: datetime | None = None
    last: datetime | None = None
    compared: tuple[str, ...] = ()
    unchanged: int = 0
    tallies: tuple[Tally, ...] = ()
    customers: tuple[str, ...] = ()
    standings: tuple[Standing, ...] = ()
    unevaluable: tuple[Unevaluable, ...] = ()
    examples: tuple[Explained, ...] = ()
    seconds: float = 0.0

    @property
    def differs(self) -> bool:
        """Whether any decision differs."""
        return bool(self.tallies)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole comparison; `problems` say why a revision cannot be run."""

    base: str
    head: str
    changes: tuple[Change, ...] = ()
    behaviour: Behaviour | None = None
    problems: tuple[Problem, ...] = ()
