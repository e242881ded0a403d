"""The ports to durable memory: one writing transaction, readers beside it."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

import msgspec

from engine.events import Action, Decision, Record
from engine.memory import ApiKey, Erasure, Hint, Pulled, Quarantined, QuarantineState, Snapshot, Tallies, VerifyReport
from engine.ports.systems import Rejected
from engine.settings.people import Role
from engine.source.problem import Problem

EntryKind = Literal[
    "record", "deleted", "watermark", "tick", "merge", "split", "bundle", "verdict", "receipt", "llm", "action",
    "decision", "coverage", "quarantine", "erasure", "key", "switch", "denied", "outcome", "autonomy", "note",
    "identity",
]  # fmt: skip


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to remember. `subjects` are `type:id`; `person` names whose key protects the body ("" none)."""

    kind: EntryKind
    recorded_at: datetime
    body: Mapping[str, Any]
    valid_at: datetime | None = None
    actor: str = "system"
    subjects: tuple[str, ...] = ()
    revision: str = ""
    person: str = ""


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as the journal holds it, times in UTC; `body` is None once `erased`."""

    seq: int
    kind: str
    recorded_at: datetime
    valid_at: datetime | None
    actor: str
    subjects: tuple[str, ...]
    revision: str
    body: Mapping[str, Any] | None
    person: str = ""
    erased: bool = False


class StoreUnavailable(Exception):
    """The database cannot be used; nothing of the transaction was stored, and the message says what to do."""


class Transaction(Protocol):
    """Everything one input changes, made durable together or not at all."""

    async def append(self, entry: Entry) -> int:
        """Append to the journal and return the sequence number."""
        ...

    async def head(self) -> int:
        """Return the number of the last entry, those of this transaction included."""
        ...

    async def seen(self, source: str, event_id: str) -> bool:
        """Remember the event id; True when it was known already."""
        ...

    async def forget_seen(self, source: str, stream: str) -> None:
        """Forget the event ids of what was read from a stream, which is to be read again."""
        ...

    async def cursor(self, source: str, stream: str) -> str:
        """Return the stored cursor, "" at first."""
        ...

    async def set_cursor(self, source: str, stream: str, cursor: str) -> None:
        """Store the cursor together with what was read up to it."""
        ...

    async def quarantine(self, rejected: Rejected, at: datetime) -> str:
        """Keep what could not be used; the same record and fault twice is one item. Returns its id."""
        ...

    async def hint(self, hint: Hint) -> None:
        """Remember that a record is to be read again; several of one key become one."""
        ...

    async def heeded(self, hint: Hint) -> None:
        """Forget a hint that was read, unless it was told again since."""
        ...

    async def heard(self, record: Record, mark: Decimal | datetime) -> bool:
        """Remember how far a record was heard of in its source's order; False when it is older than what is known."""
        ...

    async def identity(self, entity: str, keys: Sequence[str]) -> dict[str, str]:
        """Return the known ones of `keys` with the entity id each names."""
        ...

    async def set_identity(self, entity: str, id: str, keys: Sequence[str]) -> None:
        """Let `keys` name this entity."""
        ...

    async def put_decision(self, decision: Decision, seq: int) -> None:
        """Store a decision for reading, with its proof."""
        ...

    async def put_action(self, action: Action, expect_version: int | None, expect_state: str | None) -> bool:
        """Insert (expectations None) or replace when version and state are as expected; False when they are not."""
        ...

    async def action(self, id: str) -> Action | None:
        """Return one action, None when unknown."""
        ...

    async def due_actions(self, now: datetime, limit: int) -> Sequence[Action]:
        """Return approved or scheduled actions whose `not_before` has passed, and sending ones whose lease ended."""
        ...

    async def late_actions(self, now: datetime) -> Sequence[Action]:
        """Return proposed and pending actions whose `expires_at` has passed."""
        ...

    async def claim(self, action: Action, worker: str, until: datetime) -> Action | None:
        """Move a due action to `sending` under a lease, None when somebody else did; the version stays."""
        ...

    async def started(self, since: datetime, *, policy: str = "", recipient: str = "") -> Sequence[Action]:
        """Return the actions whose sending began since then, for caps."""
        ...

    async def live_actions(self, *, proposal: str = "", subject: str = "", beside: str = "") -> Sequence[Action]:
        """Return actions not yet sent, failed, withdrawn, rejected or expired.

        `beside` a proposal: those of its group about its account, which may carry it out; none when it names no group.
        """
        ...

    async def proposed(self, ids: Sequence[str]) -> Sequence[Decision]:
        """Return the proposing decisions of these ids, in this order; unknown ones are left out."""
        ...

    async def quarantined(self, id: str) -> Quarantined | None:
        """Return one quarantined item, None when unknown."""
        ...

    async def set_quarantine(self, id: str, state: QuarantineState) -> bool:
        """End the waiting of an item; False when there is none or it has ended."""
        ...

    async def create_key(
        self,
        name: str,
        role: Role | None,
        at: datetime,
        *,
        kind: Literal["api", "session"] = "api",
        person: str = "",
        expires_at: datetime | None = None,
    ) -> tuple[ApiKey, str]:
        """Make a key; its text is returned once and kept as a hash only."""
        ...

    async def revoke_key(self, id: str, at: datetime) -> bool:
        """Let a key open nothing any more; False when there is none to revoke."""
        ...

    async def remember(self, said: Sequence[tuple[int, str, str]]) -> None:
        """Let journal entries be found by words: (seq, person, text); they go when the person is erased."""
        ...

    async def setting(self, name: str) -> str | None:
        """Return a setting of the running layer, None when it was never set."""
        ...

    async def set_setting(self, name: str, value: str) -> None:
        """Store a setting of the running layer."""
        ...

    async def save_snapshot(self, seq: int, content: bytes) -> None:
        """Keep the engine's state after an entry."""
        ...

    async def switches(self) -> Mapping[str, Pulled]:
        """Return the pulled kill switches by their scope."""
        ...

    async def set_switch(self, scope: str, on: bool, reason: str, by: str) -> None:
        """Pull or release a kill switch."""
        ...


class Store(Protocol):
    """Durable memory of the layer."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Open the one writing transaction; commits at the end of the block, rolls back on an exception."""
        ...


class Reader(Protocol):
    """Reading for people and programs; never waits for the writer."""

    async def entries(
        self, after: int = 0, *, subject: str = "", kinds: Sequence[str] = (), limit: int = 1000
    ) -> Sequence[Stored]:
        """Return journal entries in order, those with `seq` > after."""
        ...

    async def recall(self, text: str, *, subject: str = "", limit: int = 50) -> Sequence[Stored]:
        """Return the entries that hold all words of `text`, the last one begun, the best first."""
        ...

    async def actions(
        self, *, state: str = "", subject: str = "", after: str = "", limit: int = 50
    ) -> Sequence[Action]:
        """Return actions, newest first; `after` is the id to continue behind."""
        ...

    async def outlines(self, *, ids: Sequence[str] = (), after: str = "", limit: int = 500) -> Sequence[Action]:
        """Return actions without their proofs, newest first: all, or those with these ids (500 at most)."""
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
    ) -> Sequence[Decision]:
        """Return decisions, newest first; of these rulesets alone, None for all."""
        ...

    async def decision(self, id: str) -> Decision | None:
        """Return one decision with its proof."""
        ...

    async def settings(self, names: Collection[str]) -> Mapping[str, str]:
        """Return those of these settings of the running layer that were ever set."""
        ...


class Database(Store, Reader, Protocol):
    """The whole store, as the running layer needs it."""

    async def erase(
        self, person: str, at: datetime, actor: str, *, also: Sequence[str] = (), because: str = ""
    ) -> Erasure:
        """Destroy what is kept about a person (`type:id`) and under their other names; it stays said that it was."""
        ...

    async def action(self, id: str) -> Action | None:
        """Return one action, None when unknown."""
        ...

    async def quarantine(
        self, *, state: str = "waiting", source: str = "", after: str = "", limit: int = 50
    ) -> Sequence[Quarantined]:
        """Return quarantined items, newest first."""
        ...

    async def hints(self, source: str, limit: int = 100) -> Sequence[Hint]:
        """Return what a source hinted at and nobody has read since."""
        ...

    async def latest_snapshot(self) -> Snapshot | None:
        """Return the newest state of the engine that was kept."""
        ...

    async def key(self, text: str) -> ApiKey | None:
        """Return whose key this is, None when it is nobody's or revoked; whether it has expired is for the caller."""
        ...

    async def keys(self) -> Sequence[ApiKey]:
        """Return all keys, the revoked ones too, oldest first."""
        ...

    async def setting(self, name: str) -> str | None:
        """Return a setting of the running layer, None when it was never set."""
        ...

    async def next_due(self, after: datetime) -> datetime | None:
        """Return the next moment after `after` at which an action is due for a worker or expires."""
        ...

    async def head(self) -> int:
        """Return the number of the last journal entry, 0 when there is none."""
        ...

    async def stirred(self, seconds: float) -> bool:
        """Wait until any process may have written to the journal, or so long; whether it may have. A hint alone."""
        ...

    async def tallies(self) -> Tallies:
        """Return how much there is of what, counted in the database."""
        ...

    async def verify(self) -> VerifyReport:
        """Recompute the whole journal against its anchors."""
        ...

    async def anchor_now(self) -> None:
        """Write the head of the chain outside the database, unless it stands there."""
        ...

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the store while it runs."""
        ...
