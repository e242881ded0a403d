"""How autonomy is earned, watched and lost, as config/autonomy.yaml states it; docs/autonomy.md has the reasons."""

from typing import Literal

import msgspec

from engine.source.kinds import Duration
from engine.source.problem import Place

Bound = Literal["anytime", "lower_bound", "point"]
FLOOR = 0.05
"""The audited share never falls below this."""


class GoLive(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a workflow must show on labelled cases before its actions are put before people."""

    cases: int = 50
    """At least so many labelled cases."""
    share: float = 0.8
    """More than this share of them decided correctly, and more than by always answering the majority class."""


class Graduation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an action must show in approval before it may go by itself."""

    bound: Bound = "anytime"
    """What is held against `share`: the figure alone (`point`), its 95 % lower bound, or the figure with `anytime`."""
    share: float = 0.98
    """The share of correct ones that is asked for."""
    samples: int = 500
    """The newest so many labelled samples are looked at; they are frozen when somebody asks."""
    fresh: int = 250
    """So many fresh samples before it can be asked again after a refusal."""
    tolerated: float = 0.97
    """`anytime`: an action of this true quality or less is ever promoted with at most the chance `risk`."""
    risk: float = 0.05
    """`anytime` and `lower_bound`: the chance of error that is accepted."""
    rule_for: Duration = "P90D"
    """How long the action has been in approval, as it is now."""
    deployment_for: Duration = "P90D"
    """How long the whole deployment has run."""


class Canary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a promoted action takes over step by step; the others still wait for a person."""

    shares: tuple[float, ...] = (0.05, 0.25, 1.0)
    """The share of proposals that go by themselves, step by step."""
    reviewed: int = 30
    """So many reviewed results at a step, without an alarm, before the next."""
    lasts: Duration = "P7D"
    """Each step lasts at least so long."""


class Audit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many of the actions that went by themselves a person looks at afterwards."""

    shares: tuple[float, ...] = (1.0, 0.2, 0.1)
    """The audited share at first, later, and for ever; never below 0.05."""
    each: int = 100
    """So many correct audits in a row before the next share; an error starts again."""


class Watch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When errors take autonomy away: a cumulative sum (Page 1954) and a budget."""

    good: float = 0.02
    """The error rate that is accepted."""
    bad: float = 0.05
    """The error rate that must be found."""
    threshold: float = 3.0
    """The cumulative sum of log-likelihood ratios that raises the alarm."""
    errors: int = 8
    """More than so many errors ..."""
    of: int = 100
    """... among so many reviewed end the budget."""


class Review(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it is measured what people miss when they decide; what they miss counts against the action's evidence."""

    canaries: float = 0.0
    """For this share of decisions a false version of a waiting action is shown in its place; it is never sent."""
    second: float = 0.05
    """This share of decided actions is shown to another person, who is not told what the first one said."""
    least: int = 20
    """From so many seen and missed mistakes on their share counts; fewer say nothing."""


class Earning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How autonomy is earned, widened, watched and lost."""

    go_live: GoLive = GoLive()
    """From shadow to approval."""
    graduation: Graduation = Graduation()
    """From approval to autonomous."""
    canary: Canary = Canary()
    """The first steps after promotion."""
    audit: Audit = Audit()
    """The looks afterwards."""
    watch: Watch = Watch()
    """The way back."""
    review: Review = Review()
    """What reviewers miss."""
    hasty: Duration = "PT3S"
    """A verdict that came faster than this says nothing."""
    place: Place = Place("")
