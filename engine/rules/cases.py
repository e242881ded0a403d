"""Labelled cases as evals/cases/*.yaml states them."""

from typing import Literal

import msgspec

from engine.rules.examples import Entities
from engine.source.kinds import Day, Duration, Moment, Name
from engine.source.problem import Place


class Label(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the label of a case comes from."""

    source: Literal["person", "outcome", "verdict", "rule"] = "person"
    """A person who looked at the case, what came of it, a verdict in production, or a written rule."""
    by: str = ""
    """Who labelled it."""
    on: Day | None = None
    """When."""
    note: str = ""
    """Why."""


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the words of one proposal must hold."""

    of: str
    """`RULE/ACTION for TYPE:ID`: the proposal."""
    must: tuple[str, ...] = ()
    """Each of these stands in the text, whatever its case."""
    must_not: tuple[str, ...] = ()
    """None of these stands in the text."""
    sent: str = ""
    """The text that a person sent in the end; how alike the draft is, is measured."""
    verdict: Literal["good", "bad"] | None = None
    """What a person thought of a draft like this; a judging model's agreement is measured against it."""


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One labelled case."""

    id: Name
    """The case's name for ever, by which runs are compared."""
    name: str = ""
    """What the case shows, as a sentence."""
    at: Moment
    """The moment, with its offset from UTC; nothing later is known."""
    given: Entities = {}
    """The entities that are known then."""
    after: Duration | None = None
    """Time that passes before decisions are looked at."""
    should: tuple[str, ...] = ()
    """`RULE/ACTION for TYPE:ID` that must be proposed."""
    should_not: tuple[str, ...] = ()
    """`RULE/ACTION for TYPE:ID` that must not be proposed."""
    words: tuple[Words, ...] = ()
    """What the words must hold."""
    segment: dict[Name, str] = {}
    """By what figures are told separately, e.g. `{country: TR}`."""
    pinned: bool = False
    """It may never fail."""
    label: Label = Label()
    """Where the label comes from."""
    place: Place = Place("")


class Cases(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The labelled cases of one workflow; its name is the file's."""

    format: Literal[1] = 1
    """The version of this file's form."""
    cases: tuple[Case, ...] = ()
    """The cases."""
    place: Place = Place("")
