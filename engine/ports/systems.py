"""The ports to source systems: what is read, what may be written, and how records become changes."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

from engine.events import ChangeEvent, Consequence, Receipt, Record
from engine.memory import Hint
from engine.source.problem import Problem


class Clock(Protocol):
    """Tells the time; injected everywhere, so a simulated one moves everything."""

    def now(self) -> datetime:
        """Return the present moment, aware."""
        ...


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One durable step of reading a stream: records, their faults, and the cursor that follows them.

    `watermark`: everything up to this moment has been told.
    `complete`: a full scan ended, so what was not seen is gone.
    """

    records: tuple[Record, ...]
    cursor: str
    rejected: tuple["Rejected", ...] = ()
    watermark: datetime | None = None
    complete: bool = False


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """Something that came in and could not be used; it waits in quarantine with its reason, never lost."""

    source: str
    stream: str
    key: str
    raw: str
    problem: Problem


class SourceDown(Exception):
    """The source did not answer as agreed; nothing was lost, the next sync tries again."""


class NotGiven(SourceDown):
    """The server answered, and refuses to give this; it is not to be tried again as it is."""

    def __init__(self, detail: str, status: int) -> None:
        super().__init__(detail)
        self.status = status


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """A record that its source sent by itself; `mark` is its place in the source's own order, where that has one."""

    record: Record
    mark: Decimal | datetime | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What one delivery of a source says: records, hints at records with the dedupe key of each, and faults.

    `renew`: that what it is subscribed by must be prolonged.
    """

    pushed: tuple[Pushed, ...] = ()
    hints: tuple[tuple[str, Hint], ...] = ()
    rejected: tuple["Rejected", ...] = ()
    renew: bool = False


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription as it stands: what its vendor calls it, since when and until when; `of`: what was asked for."""

    id: str
    made: datetime
    until: datetime
    of: str


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """The request that makes or prolongs a subscription. `id`, `until`: where its answer says more of `standing`."""

    method: str
    path: str
    content: Any
    standing: Standing
    headers: Mapping[str, str] = {}
    id: str = ""
    until: str = ""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """A write that a connector offers, e.g. `crm.create_task`.

    `idempotency`: `native_key` (the target dedupes on our key), `upsert`, `probe` (look up by key before
    a retry), `none`.
    `leaves_company`: the effect is seen by someone outside. `fields`: payload keys, true where required.
    `editable`: payload keys a person may change before approving. `record`: the payload key that names the record that
    is changed, where the target's answer names none.
    """

    name: str
    consequence: Consequence
    idempotency: Literal["native_key", "upsert", "probe", "none"]
    leaves_company: bool
    fields: Mapping[str, bool]
    editable: frozenset[str] = frozenset()
    recipient: str = ""
    body: str = ""
    record: str = ""


class Connector(Protocol):
    """One configured source system, opened."""

    name: str
    streams: Sequence[str]
    operations: Mapping[str, Operation]

    def read(self, stream: str, cursor: str) -> AsyncIterator[Page]:
        """Yield pages after `cursor` ("" from the start) until there is no more; raises SourceDown."""
        ...

    async def perform(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:
        """Do the write, marked with our idempotency key; a time-out after sending is `uncertain`."""
        ...

    async def probe(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt | None:
        """Look up whether a write with this key happened: its receipt, None for surely not; raises SourceDown."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class Fetching(Connector, Protocol):
    """A connector that reads one record by its key while a person waits; a stream not in `fetched` cannot be."""

    fetched: Collection[str]

    async def fetch(self, stream: str, key: str) -> Record | None:
        """Return the record as the source holds it now, None when it has none; raises SourceDown."""
        ...


@runtime_checkable
class Subscribing(Connector, Protocol):
    """A connector whose system sends by itself once it is subscribed to."""

    async def subscribe(self, wish: Wish) -> Standing:
        """Make or prolong a subscription; raises NotGiven where the system refuses it, SourceDown."""
        ...


class Mapper(Protocol):
    """Turns records into what they say of entities."""

    def map(self, record: Record) -> "tuple[Mapped, ...] | Problem":
        """Return one Mapped for each entity that the record speaks of, or what is wrong with it."""
        ...

    def rows(self, stream: str) -> Collection[str]:
        """Return the entity types of which the stream's records tell row by row."""
        ...

    def record(self, address: str) -> str:
        """Return the address of the record that told of an entity under this address: without the mark of its row."""
        ...


class Mapped(msgspec.Struct, frozen=True, kw_only=True):
    """A change event before identity: `proposed_id` is used when none of `keys` is known yet."""

    event: ChangeEvent
    proposed_id: str
    strong: tuple[str, ...]
