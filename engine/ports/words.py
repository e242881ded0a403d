"""The ports to drafting and to the inbox: decisions become words and actions before people."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import msgspec

from engine.events import Action, Decision, Draft, Record
from engine.ports.memory import Transaction


class DraftRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a drafter may know: the prompt, the slots with their values, quoted customer text as data.

    `about`: the journal subjects that what is asked is filed under, the one whose key protects it first.
    """

    prompt: str
    slots: Mapping[str, str]
    language: str
    quoted: Mapping[str, str] = {}
    faults: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


class DraftText(msgspec.Struct, frozen=True, kw_only=True):
    """What a drafter answers: subject and body, both with slots still open."""

    subject: str
    body: str
    model: str = "template"
    tokens_in: int = 0
    tokens_out: int = 0


class Drafter(Protocol):
    """Writes words around slots; has no tools and cannot touch who, what, how much and where."""

    name: str

    async def write(self, request: DraftRequest) -> DraftText:
        """Return a text with open slots; raises SourceDown when no model answers."""
        ...


class Drafting(Protocol):
    """Turns a proposal into words that passed the guards."""

    async def draft(self, decision: Decision) -> Draft | None:
        """Return the guarded draft, None when the action needs no words."""
        ...


class Echoes(Protocol):
    """Recognises what this layer wrote itself as it comes back from its source."""

    async def of(self, tx: "Transaction", record: Record, at: datetime) -> str:
        """Return the action that wrote what the record tells, "" when nobody here did."""
        ...


class Proposals(Protocol):
    """Turns decisions into actions before people, and takes them back."""

    async def propose(self, tx: "Transaction", decision: Decision, draft: Draft | None = None) -> Action:
        """Make the action of a proposing decision; the same again returns what it became."""
        ...

    async def words(self, tx: "Transaction", id: str, draft: Draft, now: datetime) -> Action | None:
        """Give a proposed action its words; None when it is unknown or past that."""
        ...

    async def withdraw(self, tx: "Transaction", decision: Decision) -> Action | None:
        """Take back what has not been sent."""
        ...

    async def ask(self, tx: "Transaction", decision: Decision) -> Action | None:
        """Bring what has not been sent before a person, whatever had allowed it; None when nothing was to be done."""
        ...
