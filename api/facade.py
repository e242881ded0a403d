"""All that the outside may ask of the layer, in one protocol: HTTP, command line and web call nothing else."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol

from api.configuration import Configuration
from api.earning import Earning
from api.facade_hooks import Hooks
from api.facade_identity import Identity
from api.facade_upkeep import Upkeep
from api.insight.port import Insight
from api.leases import Leases
from api.outcomes import (
    AdvanceOutcome,
    DecideOutcome,
    Refused,
    Settling,
    Switch,
    UnknownAction,
    Verified,
)
from api.reasons import Explanation, Funnel, WhyNot
from api.received import Ingested, QuarantineItem, SourceStatus, Synced
from api.views import (
    Actor,
    Asked,
    CustomerView,
    Dossier,
    EntityLine,
    EntityView,
    NewKey,
    Person,
    SourcePart,
    TimelineItem,
    Today,
)
from approvals.queue import Conversation, Ranking
from approvals.standing import Standing
from approvals.verdicts import Preview
from engine.events import Action, Decision, Record, Verdict
from engine.memory import ApiKey
from engine.ports import Clock, Operation
from engine.settings.app import Limits, Minutes
from engine.settings.people import Role

BUDGET = 0.85
"""Seconds that the unified view waits for sources; what is left of one second is for making and sending it."""
LIVE = ("proposed", "pending", "approved", "scheduled", "sending", "unknown")


class Input(Protocol):
    """What comes in."""

    async def ingest(self, records: Sequence[Record]) -> tuple[Ingested, ...]:
        """Make records durable with all they cause; one answer for each, in order.

        `Record.event_id` with `source` is the dedupe key. A record of an unknown source or stream, or one that cannot
        be mapped, is `rejected`; the latter waits in quarantine.
        """
        ...

    async def sync(self, source: str = "") -> tuple[Synced, ...]:
        """Read one source, or all in order, from their cursors to the end; an unknown name gives no answer."""
        ...

    async def quarantine(self) -> tuple[QuarantineItem, ...]:
        """Return what waits, oldest first."""
        ...

    async def retry(self, id: str, actor: Actor) -> Ingested | None:
        """Try one quarantined record again; None when unknown."""
        ...

    async def drop(self, id: str, actor: Actor, reason: str = "") -> bool:
        """Give one quarantined record up, journaled; False when unknown."""
        ...

    async def sources(self) -> tuple[SourceStatus, ...]:
        """Return every configured source and how fresh it is."""
        ...


class Knowledge(Protocol):
    """What is known and why."""

    async def entity(self, type: str, id: str) -> EntityView | None:
        """Return the kept fields with provenance."""
        ...

    async def find(self, type: str, text: str = "", limit: int = 50) -> tuple[EntityLine, ...]:
        """Return entities whose label or key contains `text`, by label."""
        ...

    async def customer(self, id: str, *, budget: float = BUDGET) -> CustomerView | None:
        """Return the unified view, read from all sources at once; who does not answer in `budget` seconds is `late`."""
        ...

    def customer_parts(self, id: str, sources: Collection[str] = ()) -> AsyncIterator[SourcePart]:
        """Yield the part of each of `sources` (of all) as it arrives, however late; nothing when unknown."""
        ...

    async def today(self, most: int | None = None, rulesets: frozenset[str] | None = None) -> Today:
        """Return the day at a glance; of accounts the `most` overdue ones, of actions those of `rulesets`; else all."""
        ...

    async def timeline(
        self, subject: str, after: int = 0, limit: int = 200, rulesets: frozenset[str] | None = None
    ) -> tuple[TimelineItem, ...]:
        """Return what is remembered of `type:id`, oldest first, behind sequence number `after`.

        With `rulesets` only what they did, and the company's facts.
        """
        ...

    async def decisions(
        self,
        *,
        ruleset: str = "",
        rule: str = "",
        subject: str = "",
        after: str = "",
        limit: int = 50,
        rulesets: frozenset[str] | None = None,
    ) -> tuple[Decision, ...]:
        """Return decisions of these rulesets, None for all, newest first, behind the one with id `after`."""
        ...

    async def decision(self, id: str) -> Decision | None:
        """Return one decision with its proof."""
        ...

    async def explain(self, id: str) -> Explanation | None:
        """Return why a decision or an action exists; `id` may be a unique prefix."""
        ...

    async def why_not(self, rule: str, subject: str) -> WhyNot | Refused:
        """Evaluate `ruleset/rule` for `type:id` and tell which conjunct fails; Refused when either is unknown."""
        ...

    async def funnel(self, rule: str) -> Funnel | Refused:
        """Count over all subjects of `ruleset/rule` how many pass each conjunct; Refused when it is unknown."""
        ...


class Inbox(Protocol):
    """Actions and the people who decide them."""

    async def actions(
        self, *, state: str = "", subject: str = "", after: str = "", limit: int = 50
    ) -> tuple[Action, ...]:
        """Return actions, newest first, behind the one with id `after`."""
        ...

    async def action(self, id: str) -> Action | None:
        """Return one action."""
        ...

    async def decide(self, verdict: Verdict, actor: Actor, idempotency_key: str = "") -> DecideOutcome:
        """Let a person's word count, once; the same idempotency key and verdict again gives the same answer."""
        ...

    async def undo(self, id: str, actor: Actor, reason: str = "") -> DecideOutcome:
        """Bring an approved action back into the inbox as long as its sending has not begun."""
        ...

    async def claim(self, id: str, actor: Actor) -> DecideOutcome:
        """Tell the others that the actor looks after a pending action; it gives and takes no rights."""
        ...

    async def comment(self, id: str, text: str, actor: Actor) -> DecideOutcome:
        """Leave a remark beside an action."""
        ...

    async def settle(self, id: str, word: Settling, actor: Actor, reason: str = "", to: str = "") -> DecideOutcome:
        """Say what became of an unknown action (happened, missed), or what becomes of a failed one (retry, drop).

        `hand-over` asks the person `to` to look after either. AlreadyDecided when it is in another state.
        """
        ...

    async def asked(self, token: str) -> Asked | None:
        """Return what an e-mail link asks, None when it is nobody's or has expired; changes nothing."""
        ...

    async def decide_by_link(self, token: str, choice: str, code: str = "", reason: str = "") -> DecideOutcome:
        """Let the holder of an e-mail link `approve` or `reject`, once; BadVerdict for any other choice."""
        ...

    async def queue(self, actor: Actor, *, mine: bool = True) -> tuple[Conversation, ...]:
        """Return what waits for a word, one conversation for each account, the most urgent first.

        `mine` leaves out what the actor has no say on, what is put off, and what somebody else looks after.
        """
        ...

    async def ranking(self, actor: Actor, *, mine: bool = True, most: int | None = None) -> Ranking:
        """Return the `most` urgent of the same, without the proofs, which are the most of an action, and the counts."""
        ...

    async def preview(self, id: str, edit: Mapping[str, Any], actor: Actor) -> Preview | UnknownAction:
        """Return what an edit would come to, with its faults and warnings; nothing is decided."""
        ...

    async def decide_many(self, verdicts: Sequence[Verdict], actor: Actor) -> tuple[DecideOutcome, ...]:
        """Let one word count for several actions, each with its own digest and check; one answer for each, in order.

        Only approve, reject and snooze; what has high consequence is decided one by one.
        """
        ...

    async def standing(self) -> tuple[Standing, ...]:
        """Return what is never to be proposed for which account, as people said when they rejected it."""
        ...

    async def lift(self, id: str, actor: Actor) -> bool | Refused:
        """Let it be proposed again from the next time on; False when nothing of this id stands."""
        ...

    async def set_away(self, person: str, days: tuple[date, date] | None, actor: Actor) -> Person | Refused:
        """Let a person be out of office from the first to the last day, None to end it; Refused when unknown."""
        ...

    async def dossier(self, id: str) -> Dossier | None:
        """Return everything about one action, for an auditor; None when unknown."""
        ...

    def operation(self, name: str) -> Operation | None:
        """Return what is known of an operation, e.g. which payload keys may be edited."""
        ...

    async def people_now(self) -> tuple[Person, ...]:
        """Return the people with when they are away, as they said while the layer ran."""
        ...

    def people(self) -> tuple[Person, ...]:
        """Return the people of config/people.yaml."""
        ...


class Control(Protocol):
    """What admins do."""

    async def switches(self) -> tuple[Switch, ...]:
        """Return the pulled kill switches."""
        ...

    async def set_switch(self, scope: str, on: bool, reason: str, actor: Actor) -> Switch | Refused:
        """Pull or release a switch: `all`, `ruleset:X`, `rule:X/Y`, `source:X`; Refused for an unknown scope."""
        ...

    async def trust(self, actor: Actor) -> bool:
        """End the care taken after a restored backup: send again without looking up first; False when none was."""
        ...

    async def verify(self) -> Verified:
        """Check the journal against its chain and anchor."""
        ...

    async def advance_clock(self, to: datetime) -> AdvanceOutcome:
        """Move the simulated clock, through every due moment, and return when all consequences are durable."""
        ...


class Access(Protocol):
    """Keys, sessions and passwords; secrets are kept as hashes only."""

    async def create_key(
        self,
        name: str,
        role: Role | None,
        actor: Actor,
        *,
        person: str = "",
        kind: Literal["api", "session"] = "api",
        expires_at: datetime | None = None,
    ) -> NewKey | Refused:
        """Make a key; `role` None takes the person's roles. Refused for a name in use or an unknown person."""
        ...

    async def keys(self) -> tuple[ApiKey, ...]:
        """Return the API keys, revoked ones included."""
        ...

    async def revoke_key(self, id: str, actor: Actor) -> bool:
        """Revoke by id or, for API keys, by name; False when unknown."""
        ...

    async def authenticate(self, secret: str) -> Actor | None:
        """Return who holds this key or session, None when unknown, expired or revoked."""
        ...

    async def password_hash(self, person: str) -> str:
        """Return the stored hash, "" when none is set."""
        ...

    async def set_password_hash(self, person: str, hash: str, actor: Actor) -> None:
        """Store a hash; ends the person's sessions."""
        ...

    async def denied(self, actor: Actor | None, what: str, why: str) -> None:
        """Journal a denied try."""
        ...


class Layer(
    Identity, Earning, Input, Hooks, Knowledge, Inbox, Control, Configuration, Access, Upkeep, Insight, Protocol
):
    """The whole."""

    clock: Clock
    follows: timedelta | None
    """How often the followed branch is looked at, None when none is followed."""
    leases: Leases
    limits: Limits
    minutes: Minutes
    """What the hours saved rest on."""
    mcp: bool
    """Whether assistants may ask at /mcp."""
    called: Mapping[str, Mapping[str, str]]
    """What the company calls fields, rules and workflows, by language."""
    company: str
    timezone: str
    language: str
