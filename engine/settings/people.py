"""The people who work with the product as config/people.yaml states them."""

from decimal import Decimal
from typing import ClassVar, Literal

import msgspec

from engine.source.kinds import Day, Email, Language, Name
from engine.source.problem import Place

Role = Literal["viewer", "operator", "analyst", "admin", "auditor"]


class Away(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """Out of office."""

    from_: Day
    """The first day away."""
    to: Day
    """The last day away."""
    place: Place = Place("")


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person and what they may do."""

    id: Name
    """The name by which rules, policies and the journal know the person."""
    name: str = ""
    """The name as written."""
    email: Email | None = None
    """Where requests for approval go."""
    language: Language | None = None
    """The language of mails and pages for the person; without it the company's."""
    roles: frozenset[Role] = frozenset()
    """What the person may do."""
    rulesets: frozenset[str] = frozenset()
    """The rulesets whose decisions and actions the person reads and acts on; empty for all. Facts are for everybody."""
    amount_limit: Decimal | None = None
    """The largest amount the person may approve."""
    delegate: str | None = None
    """Who is asked while the person is out of office; it gives no rights."""
    away: Away | None = None
    """When the person is out of office, in the company's time zone."""
    place: Place = Place("")


class People(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everybody who decides, edits or looks."""

    title_in_messages: ClassVar[str] = "list of people"

    format: Literal[1] = 1
    """The version of this file's form."""
    people: tuple[Person, ...] = ()
    """The persons."""
    place: Place = Place("")
