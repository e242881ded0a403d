"""Who must approve what as config/autonomy.yaml states it."""

from typing import Literal

import msgspec

from engine.events import Consequence
from engine.settings.people import Role
from engine.source.kinds import Duration, Name
from engine.source.problem import Place


class Approvers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may approve."""

    roles: tuple[Role, ...] = ()
    """Everybody with one of these roles."""
    people: tuple[str, ...] = ()
    """These persons."""
    count: int = 1
    """How many of them must approve."""


class Cap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most so many actions in so long."""

    count: int
    """How many."""
    within: Duration
    """In how long."""


class Caps(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds on how much is sent."""

    per_hour: int | None = None
    """Actions under the policy in an hour."""
    per_day: int | None = None
    """Actions under the policy in a day."""
    per_customer: Cap | None = None
    """Actions under the policy to one recipient."""
    amount_per_day: int | None = None
    """The sum of the amounts of a day's actions."""


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Under what conditions an action is sent."""

    approval: Literal["always", "never"] = "always"
    """Whether a person must approve."""
    max_consequence: Consequence | None = None
    """Operations with more than this need approval whatever `approval` says."""
    internal_only: bool = False
    """Operations that leave the company need approval whatever `approval` says."""
    approvers: Approvers = Approvers(roles=("operator",))
    """Who may approve."""
    undo: Duration = "PT0S"
    """How long an approved action waits, so that it can be called back."""
    expires: Duration = "P7D"
    """How long a request for approval waits."""
    caps: Caps = Caps()
    """Bounds on how much is sent."""
    place: Place = Place("")


class Autonomy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The policies by name."""

    format: Literal[1] = 1
    """The version of this file's form."""
    policies: dict[Name, Policy] = {}
    """The policies by name."""
    default: Name | None = None
    """The policy of actions that name none; without it they need approval."""
    place: Place = Place("")
