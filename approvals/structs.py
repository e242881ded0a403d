"""What config/autonomy.yaml and config/people.yaml say, as approvals read it."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import msgspec

from approvals.hours import Hours
from engine.events import Consequence
from engine.settings.people import Role


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who reads and decides. No `rulesets`: all of them; no `amount_limit`: any amount, else in `currency`."""

    id: str
    name: str = ""
    email: str = ""
    language: str = ""
    roles: frozenset[Role] = frozenset()
    rulesets: frozenset[str] = frozenset()
    amount_limit: Decimal | None = None
    delegate: str = ""
    away: tuple[date, date] | None = None
    """The first and the last day out of office."""

    def reads(self, ruleset: str) -> bool:
        """Whether the person reads, and may so act on, what a ruleset decides."""
        return not self.rulesets or ruleset in self.rulesets

    def is_away(self, day: date) -> bool:
        """Whether the person is out of office on a day."""
        return self.away is not None and self.away[0] <= day <= self.away[1]


class Count(msgspec.Struct, frozen=True):
    """At most `count` within a moving window."""

    count: int
    within: timedelta


class Total(msgspec.Struct, frozen=True):
    """At most `total` of money, of one currency, within a moving window."""

    total: Decimal
    within: timedelta
    currency: str = ""


class Caps(msgspec.Struct, frozen=True, kw_only=True):
    """Limits on what a policy starts: in an hour, for one customer, in money."""

    per_hour: int | None = None
    per_customer: Count | None = None
    amount: Total | None = None


class Approvers(msgspec.Struct, frozen=True, kw_only=True):
    """Who may decide: anyone with one of the roles, or named."""

    roles: frozenset[Role] = frozenset({"operator", "admin"})
    people: frozenset[str] = frozenset()


class Ask(msgspec.Struct, frozen=True):
    """Requests for approval by mail: the source that sends them, and where the web page is reached."""

    source: str
    url: str


class Escalation(msgspec.Struct, frozen=True):
    """Who is asked when an action has waited so long."""

    after: timedelta
    to: frozenset[str]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How far an action may go without a person, and who that person may be.

    `amount` names the payload key that holds the money which limits and caps count. Under `four_eyes` neither the
    author of the rule nor of the edit approves; `quorum` different people must.
    """

    name: str
    approval: Literal["always", "earned", "never"] = "always"
    starts: Literal["shadow", "approval"] = "approval"
    max_consequence: Consequence = "low"
    internal_only: bool = False
    approvers: Approvers = Approvers()
    four_eyes: bool = False
    quorum: int = 1
    undo: timedelta = timedelta()
    expires: timedelta | None = None
    ask: Ask | None = None
    remind: timedelta | None = None
    escalate: Escalation | None = None
    hours: Hours | None = None
    caps: Caps = Caps()
    amount: str = "amount"


class Autonomy(msgspec.Struct, frozen=True, kw_only=True):
    """All policies by name, and the one for actions that name none."""

    policies: Mapping[str, Policy] = {}
    default: str = ""
    currency: str = ""

    def policy(self, name: str) -> Policy | None:
        """Return the policy an action names, None when nobody wrote it."""
        return self.policies.get(name or self.default)
