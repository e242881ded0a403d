"""Rulesets as rules/*/ruleset.yaml states them."""

from typing import Literal

import msgspec

from engine.source.expression import Expression
from engine.source.problem import Place

Inputs = Expression | list[Expression] | dict[str, Expression]


class OutcomeSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts as well or badly ended; FEEL over the subject, watched `within` after sending."""

    good: Expression | None = None
    bad: Expression | None = None
    within: str = "P30D"


class ActionSpec(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"with_": "with", "while_": "while"}
):
    """One `do` of a rule. `with` values are FEEL over the subject; a list of names makes a context of them.

    Times are ISO 8601 durations. `while_` defaults to the rule's `when`.
    """

    id: str
    operation: str
    with_: dict[str, Inputs] = {}
    draft: str | None = None
    autonomy: str | None = None
    while_: Expression | None = None
    valid_for: str | None = None
    rearm: str | None = None
    repeat: str | None = None
    cooldown: str | None = None
    group: str | None = None
    outcome: OutcomeSpec | None = None
    place: Place = Place("")


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"for_": "for"}):
    """When a condition over one subject becomes true: conclude facts (`set`) and propose actions (`do`)."""

    id: str
    for_: str
    let: dict[str, Expression] = {}
    when: Expression
    set: dict[str, Expression] = {}
    do: tuple[ActionSpec, ...] = ()
    because: Expression | None = None
    instead_of: tuple[str, ...] = ()
    priority: int = 0
    existing: Literal["seed", "propose"] = "seed"
    owner: str | None = None
    was: str | None = None
    about: str = ""
    place: Place = Place("")


class Ruleset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One folder of rules; `id` is the folder's name."""

    format: Literal[1] = 1
    id: str = ""
    title: str = ""
    owner: str | None = None
    about: str = ""
    rules: tuple[Rule, ...] = ()
