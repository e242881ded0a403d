"""Who must approve what as config/autonomy.yaml states it."""

from decimal import Decimal
from typing import Annotated, ClassVar, Literal, get_args

import msgspec

from engine.events import Consequence
from engine.settings.earning import Earning
from engine.settings.people import Role
from engine.settings.values import Text
from engine.source.expression import Expression
from engine.source.kinds import Country, Currency, Duration, Name, TimeOfDay
from engine.source.problem import Place

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


class Approvers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may approve: anyone with one of the roles, or named."""

    roles: frozenset[Role] = frozenset({"operator", "admin"})
    """Everybody with one of these roles."""
    people: frozenset[str] = frozenset()
    """These persons of config/people.yaml."""


class Count(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most so many actions within a moving window."""

    count: int
    """How many."""
    within: Duration
    """In how long."""


class Total(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most so much money within a moving window."""

    total: Decimal
    """How much."""
    within: Duration
    """In how long."""
    currency: Currency | None = None
    """Of which currency; without it the company's."""


class Caps(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits on what a policy starts."""

    per_hour: int | None = None
    """Actions in an hour."""
    per_customer: Count | None = None
    """Actions for one customer."""
    amount: Total | None = None
    """The sum of the actions' amounts."""


class Ask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How those who may approve are asked, besides by the inbox."""

    by: Literal["mail"] = "mail"
    """The way."""
    source: Name
    """The source of config/sources.yaml that sends it."""
    url: Text = "http://127.0.0.1:8000"
    """Where people reach the web page."""
    place: Place = Place("")


class Escalation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is asked when nobody answers."""

    after: Duration
    """How long it has waited by then."""
    to: frozenset[str]
    """These persons of config/people.yaml, as far as they may approve."""
    place: Place = Place("")


class Hours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """When the recipient may be reached; what is due at another time waits until then."""

    title_in_messages: ClassVar[str] = "business hours"

    from_: TimeOfDay = "09:00"
    """From then on."""
    to: TimeOfDay = "17:30"
    """Until then."""
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    """On these days."""
    holidays: Country | None = None
    """The country whose holidays are left out (ISO 3166); without it the company's."""
    zone: Expression | None = None
    """The recipient's time zone over the subject, e.g. a field with `Europe/London`; else the company's."""
    place: Place = Place("")


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far an action may go without a person, and who that person may be."""

    approval: Literal["always", "earned", "never"] = "always"
    """Whether a person must approve: always, until the action has earned autonomy, or never."""
    starts: Literal["shadow", "approval"] = "approval"
    """The stage of an action that is new: in `shadow` it is written down and nobody is asked."""
    max_consequence: Consequence = "low"
    """Operations with more than this need approval whatever `approval` says."""
    internal_only: bool = False
    """Operations that leave the company need approval whatever `approval` says."""
    approvers: Approvers = Approvers()
    """Who may approve."""
    four_eyes: bool = False
    """Neither who wrote the rule nor who edited the action may approve it."""
    quorum: Annotated[int, msgspec.Meta(ge=1)] = 1
    """How many different people must approve."""
    undo: Duration = "PT0S"
    """How long an approved action waits before it is sent, so that it can be called back."""
    expires: Duration | None = None
    """How long a request for approval waits; silence never approves."""
    ask: Ask | None = None
    """How those who may approve are asked; without it they look into the inbox."""
    remind: Duration | None = None
    """Ask again, each time this long after the last time."""
    escalate: Escalation | None = None
    """Who is asked when nobody answers."""
    hours: Hours | None = None
    """The recipient's business hours; without them it is sent at any time."""
    caps: Caps = Caps()
    """Limits on how much is started."""
    amount: str = "amount"
    """The payload key that holds the money which limits and caps count."""
    place: Place = Place("")


class Autonomy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The policies by name."""

    format: Literal[1] = 1
    """The version of this file's form."""
    policies: dict[Name, Policy] = {}
    """The policies by name."""
    default: Name | None = None
    """The policy of actions that name none; without it they need approval."""
    earned: Earning = Earning()
    """How autonomy is earned, widened, watched and lost."""
    place: Place = Place("")
