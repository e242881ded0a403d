"""What the layer answers to people and programs: frozen structs, rendered by HTTP, CLI and web alike."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

import msgspec

from api.received import SourceStatus
from engine.events import Action, Decision
from engine.memory import ApiKey
from engine.settings.people import Role


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks. `id` is a person's id, `key:NAME` for a key bound to nobody, `local` for the command line.

    `key_id` and `key_kind` say what it was proved by, "" on the command line. `rulesets` limits what the actor may
    decide (empty: all); `amount_limit` is in the company's currency.
    """

    id: str
    roles: frozenset[Role]
    channel: Literal["web", "api", "cli", "link", "mcp", "bulk"]
    name: str = ""
    key_id: str = ""
    key_kind: Literal["api", "session", ""] = ""
    rulesets: tuple[str, ...] = ()
    amount_limit: str | None = None


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One person of config/people.yaml."""

    id: str
    name: str
    email: str = ""
    language: str = ""
    roles: tuple[Role, ...] = ()
    rulesets: tuple[str, ...] = ()
    amount_limit: str | None = None
    delegate: str = ""
    away: tuple[date, date] | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What an e-mail link stands for: whose word is asked on which action, and whether the mail's code is needed.

    `current` is false when the action is decided already, or not what the mail showed any more.
    """

    action: Action
    person: str
    code: bool
    current: bool


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one action: what became of it, the decision with its proof, every payload it had, the journal.

    `entries` are in the journal's order, with their numbers in the chain; `head` is the number of its last entry.
    """

    at: datetime
    action: Action
    decision: Decision | None = None
    versions: tuple["PayloadVersion", ...] = ()
    entries: tuple["DossierEntry", ...] = ()
    head: int = 0


class PayloadVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One payload as it was shown to people, under its digest."""

    version: int
    digest: str
    at: datetime
    by: str
    payload: Mapping[str, Any]


class DossierEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One journal entry about the action; `body` is None once erased."""

    seq: int
    kind: str
    at: datetime
    actor: str
    body: Mapping[str, Any] | None


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A created key; `secret` is shown once and stored only as a hash."""

    secret: str
    info: ApiKey


# --- knowledge --------------------------------------------------------------------------------------------------


class FieldView(msgspec.Struct, frozen=True, kw_only=True):
    """One kept field: its FEEL value, where it comes from, and why it cannot be relied on (unresolved)."""

    value: Any
    kind: Literal["field", "derived", "concluded"] = "field"
    sources: tuple["FieldSource", ...] = ()
    unresolved: str = ""


class FieldSource(msgspec.Struct, frozen=True, kw_only=True):
    """A record that says so, or the rule that concluded it."""

    record: str = ""
    rule: str = ""
    version: str = ""
    valid_at: datetime | None = None
    recorded_at: datetime | None = None
    link: str = ""


class EntityView(msgspec.Struct, frozen=True, kw_only=True):
    """One entity with all kept fields; `keys` are its record addresses and identifiers, `links` lead to its pages."""

    type: str
    id: str
    label: str
    fields: Mapping[str, FieldView]
    keys: tuple[str, ...] = ()
    links: Mapping[str, str] = {}


class EntityLine(msgspec.Struct, frozen=True, kw_only=True):
    """One entity in a list."""

    type: str
    id: str
    label: str


class EvidenceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence on a pair; `bits` above 0 speak for one party, below for two."""

    what: str
    left: str
    right: str
    bits: float
    note: str = ""
    contradicts: bool = False


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """Two entities that may be one, and what speaks for it and against.

    `bits` without evidence are those of the moment at which people were asked. `busy`: an action on one of the two
    waits or is on its way.
    """

    left: EntityLine
    right: EntityLine
    bits: float
    evidence: tuple[EvidenceLine, ...] = ()
    busy: bool = False


class Reviews(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the doubtful pairs, and how many there are in all."""

    shown: tuple[Review, ...]
    total: int


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """What a merge or split did: the `records` that came to `kept` from `other`, or left it."""

    kept: EntityLine
    other: str
    records: tuple[str, ...] = ()


class SourcePart(msgspec.Struct, frozen=True, kw_only=True):
    """What one source knows of a customer; a slow or dead one says so in `state`, `live` and `detail`.

    `live`: `read` from the source while this was asked, at `read_at`; `late`, it has not answered yet; `failed`, it
    could not; `kept`, what the last sync brought, because the source holds nothing of the customer that can be read
    alone. `age` is how old what is shown may be.
    """

    source: str
    state: Literal["fresh", "stale", "down", "never"]
    live: Literal["read", "late", "failed", "kept"] = "kept"
    age: timedelta | None = None
    read_at: datetime | None = None
    records: tuple["RecordLine", ...] = ()
    detail: str = ""


class RecordLine(msgspec.Struct, frozen=True, kw_only=True):
    """A record that speaks of the entity, with a link into its own system.

    `fields` is what it says now, by the model's names, where it was read live; `gone` when its source has it no more.
    """

    address: str
    version: str = ""
    valid_at: datetime | None = None
    recorded_at: datetime | None = None
    link: str = ""
    fields: Mapping[str, Any] = {}
    gone: bool = False


class CustomerView(msgspec.Struct, frozen=True, kw_only=True):
    """The unified view: the customer, what refers to it by collection name, each source's part, its actions."""

    customer: EntityView
    related: Mapping[str, tuple[EntityView, ...]] = {}
    sources: tuple[SourcePart, ...] = ()
    actions: tuple[Action, ...] = ()


class TimelineItem(msgspec.Struct, frozen=True, kw_only=True):
    """One remembered thing about a subject, told in a sentence; `ref` is a decision's or action's id.

    `facts` are what the sentence is made of, for who tells it in another language.
    """

    seq: int
    at: datetime
    valid_at: datetime | None = None
    kind: str
    actor: str
    text: str
    ref: str = ""
    erased: bool = False
    facts: Mapping[str, str] = {}


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One overdue account of today's page; `balance` is FEEL money, `why` says why a conversation is needed."""

    subject: str
    label: str
    owner: str = ""
    balance: Any = None
    days_overdue: int = 0
    risk: str = ""
    why: str = ""
    action: str = ""
    state: str = ""


class Today(msgspec.Struct, frozen=True, kw_only=True):
    """The day in the product's words: what is overdue, what runs by itself, who must be spoken to, what waits.

    `more_tracked` and `more_conversations` count those that were not asked for. `accounts`: whether the model tells
    which accounts are overdue; without it there are none.
    """

    at: datetime
    accounts: bool = True
    tracked: tuple[Account, ...] = ()
    conversations: tuple[Account, ...] = ()
    more_tracked: int = 0
    more_conversations: int = 0
    states: Mapping[str, int] = {}
    sources: tuple[SourceStatus, ...] = ()
    quarantined: int = 0

    @property
    def overdue(self) -> int:
        """Number of overdue accounts."""
        return len(self.tracked) + len(self.conversations) + self.more_tracked + self.more_conversations
