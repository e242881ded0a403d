"""Given/then examples as rules/*/examples.yaml states them."""

from typing import Any, Literal

import msgspec

from engine.source.kinds import Duration, Moment
from engine.source.problem import Place

Entities = dict[str, tuple[dict[str, Any], ...]]
"""Entity type -> entities, each with its `id` and fields; a reference field holds the other's id."""


class Expectation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that must be so after a step."""

    propose: str | None = None
    """`RULE/ACTION for TYPE:ID`: this action is proposed."""
    withdraw: str | None = None
    """`RULE/ACTION for TYPE:ID`: this proposal is withdrawn."""
    hold: str | None = None
    """`RULE for TYPE:ID`: the rule neither fires nor withdraws, because its condition is not known."""
    nothing: bool = False
    """Nothing is proposed and nothing withdrawn."""
    facts: dict[str, Any] = {}
    """`TYPE:ID.FIELD` with the value it must have."""
    inputs: dict[str, Any] = {}
    """The action's inputs that must be so; others may be anything."""
    because: str | None = None
    """A part of the reason's text."""
    place: Place = Place("")


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens next, and what must follow."""

    after: Duration | None = None
    """Time that passes first."""
    change: Entities = {}
    """Entities that change or appear; unnamed fields stay."""
    delete: tuple[str, ...] = ()
    """`TYPE:ID` of entities that go."""
    then: tuple[Expectation, ...] = ()
    """What must be so after this step."""
    place: Place = Place("")


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One case: given these entities at this moment, then this follows."""

    name: str
    """What the case shows, as a sentence."""
    at: Moment
    """The moment, with its offset from UTC."""
    given: Entities = {}
    """The entities that are there."""
    after: Duration | None = None
    """Time that passes before `then` is looked at."""
    then: tuple[Expectation, ...] = ()
    """What must be so."""
    steps: tuple[Step, ...] = ()
    """What happens afterwards."""
    place: Place = Place("")


class Examples(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The examples beside a ruleset."""

    format: Literal[1] = 1
    """The version of this file's form."""
    examples: tuple[Example, ...] = ()
    """The cases."""
    place: Place = Place("")
