"""What the journal remembers of one action: the payloads it had, what was approved, which verdicts were given."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from engine import tracing
from engine.events import Action
from engine.ports import EntryKind, Reader

_PAGE = 1000

Payload = Mapping[str, Any]


class Memory(Protocol):
    """Reads back what was journaled about an action."""

    async def shown(self, action: str, digest: str) -> Payload | None:
        """Return the payload that had this digest, None when none had."""
        ...

    async def proposed(self, action: str) -> Payload | None:
        """Return the payload as rule and drafter made it when a person last saw it afresh, edits left out."""
        ...

    async def approved(self, action: str) -> str:
        """Return the digest that may be sent, "" when none may."""
        ...

    async def trace(self, action: str) -> str:
        """Return the trace that the action began in, "" when nobody collects any."""
        ...

    async def unknown(self, now: datetime, limit: int) -> Sequence[Action]:
        """Return actions of which nobody knows whether they happened and that are due to be looked up."""
        ...

    async def verdict(self, action: str, by: str, key: str) -> Mapping[str, Any] | None:
        """Return the body of the verdict given under an idempotency key, None when there is none."""
        ...


class JournalMemory:
    """Memory over the journal, whose chain tells when somebody changed it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def shown(self, action: str, digest: str) -> Payload | None:
        """See Memory."""
        async for body in self._payloads(action):
            if body["digest"] == digest:
                return _payload(body)
        return None

    async def proposed(self, action: str) -> Payload | None:
        """See Memory."""
        last: Payload | None = None
        async for body in self._bodies(action, "action"):
            if "basis" in body:
                last = body["basis"]
            elif last is None and "payload" in body and body["version"]:
                last = body["payload"]
        return last

    async def approved(self, action: str) -> str:
        """See Memory."""
        last = ""
        async for body in self._bodies(action, "action"):
            last = str(body.get("approves", last))
        return last

    async def trace(self, action: str) -> str:
        """See Memory."""
        if tracing.on():
            async for body in self._bodies(action, "action"):
                return str(body.get("trace", ""))
        return ""

    async def unknown(self, now: datetime, limit: int) -> Sequence[Action]:
        """See Memory. Those that wait for a person keep nobody from being looked up."""
        found: list[Action] = []
        after = ""
        while len(found) < limit and (page := await self._reader.actions(state="unknown", after=after, limit=_PAGE)):
            found += [action for action in page if action.not_before is not None and action.not_before <= now]
            after = page[-1].id
        return found[:limit]

    async def verdict(self, action: str, by: str, key: str) -> Mapping[str, Any] | None:
        """See Memory."""
        async for body in self._bodies(action, "verdict"):
            if body["by"] == by and body.get("key") == key:
                return body
        return None

    async def _payloads(self, action: str) -> AsyncIterator[Mapping[str, Any]]:
        async for body in self._bodies(action, "action"):
            if "payload" in body:
                yield body

    async def _bodies(self, action: str, kind: EntryKind) -> AsyncIterator[Mapping[str, Any]]:
        after = 0
        while page := await self._reader.entries(after, subject=f"action:{action}", kinds=(kind,), limit=_PAGE):
            for entry in page:
                if entry.body is not None:
                    yield entry.body
            after = page[-1].seq


def _payload(body: Mapping[str, Any]) -> Payload:
    payload: Payload = body["payload"]
    return payload
