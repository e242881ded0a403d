"""The life of an action: which state follows which, and the one way a change becomes durable."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from engine import tracing
from engine.events import Action, ActionChange, ActionState, HistoryItem
from engine.ports import Entry, EntryKind, Transaction

_GATHERED = frozenset({"proposed"})
"""A group that another decision joins or leaves is proposed anew."""
NEXT: Mapping[str, frozenset[str]] = {
    "proposed": _GATHERED | {"pending", "approved", "scheduled", "failed", "withdrawn", "expired"},
    "pending": _GATHERED | {"pending", "approved", "scheduled", "rejected", "withdrawn", "expired"},
    "approved": frozenset(
        {"proposed", "approved", "scheduled", "sending", "pending", "failed", "withdrawn", "unknown"}
    ),
    "scheduled": frozenset(
        {"proposed", "scheduled", "approved", "sending", "pending", "failed", "withdrawn", "unknown", "sent"}
    ),
    "sending": frozenset({"sending", "sent", "unknown", "failed", "scheduled", "pending"}),
    "unknown": frozenset({"unknown", "sent", "scheduled", "failed"}),
    "failed": frozenset({"scheduled", "pending", "rejected", "sent"}),
    "sent": frozenset(),
    "withdrawn": frozenset(),
    "rejected": frozenset(),
    "expired": frozenset(),
}
"""What may follow a state. Out of `sending` nothing is withdrawn: it may have happened already. What policy alone let
go and the world then changed may be `approved` anew, as rebuilt. A receipt that comes late, when the action was given
up or scheduled again, still makes it `sent`."""

OPEN = frozenset({"proposed", "pending", "approved", "scheduled"})
"""States in which surely nothing has been sent, so that the action may still be taken back."""


class Listener(Protocol):
    """Told of every change of state inside its transaction; `seq` is the journal's, so the engine's, order."""

    async def __call__(self, tx: Transaction, change: ActionChange, seq: int) -> None:
        """Take the change as an engine input."""
        ...


def step(
    action: Action,
    state: ActionState,
    at: datetime,
    by: str,
    reason: str = "",
    *,
    word: str = "",
    code: str = "",
    **changes: Any,  # noqa: ANN401  (fields of Action)
) -> Action:
    """Return the action one step on; its history says `word`, or the state. Raises ValueError when there is no way."""
    if state not in NEXT[action.state]:
        msg = f"no way from {action.state} to {state}"
        raise ValueError(msg)
    return noted(action, word or state, at, by, reason, code=code, state=state, **changes)


def noted(
    action: Action,
    word: str,
    at: datetime,
    by: str,
    reason: str = "",
    *,
    code: str = "",
    **changes: Any,  # noqa: ANN401  (fields of Action)
) -> Action:
    """Return the action with one more line of history."""
    history = (*action.history, HistoryItem(at, word, by, reason, code))
    return msgspec.structs.replace(action, history=history, **changes)


async def unchanged(tx: Transaction, action: Action) -> bool:
    """Whether nobody has said or done anything since the action was read; a state and version may have come again."""
    return await tx.action(action.id) == action


def of_subject(action: Action) -> str:
    """Return whose key protects what the action says: by default its subject's."""
    return action.key.subject


class Life:
    """Makes changes durable: compare and set, journal, tell the engine; all in the caller's transaction.

    `protects` names the person whose key encrypts payloads in the journal.
    """

    def __init__(self, listeners: Sequence[Listener] = (), protects: Callable[[Action], str] = of_subject) -> None:
        self._listeners = tuple(listeners)
        self._protects = protects

    async def move(
        self,
        tx: Transaction,
        before: Action | None,
        after: Action,
        *,
        approves: str | None = None,
        cause: Entry | None = None,
        facts: Mapping[str, Any] = {},
    ) -> bool:
        """Store `after` if the stored one is still like `before`; False when somebody was faster.

        `approves` is the digest that may be sent from here on, "" for none any more, None to leave it. `cause` is
        journaled before the change, e.g. the verdict or the receipt.
        """
        expected = (before.version, before.state) if before else (None, None)
        if not await tx.put_action(after, *expected):
            return False
        if cause:
            await tx.append(cause)
        if not (before and before.state == after.state and before.version == after.version and approves is None):
            await self.tell(tx, before, after, approves=approves, facts=facts)
        return True

    async def tell(
        self,
        tx: Transaction,
        before: Action | None,
        after: Action,
        *,
        approves: str | None = None,
        facts: Mapping[str, Any] = {},
    ) -> None:
        """Journal a change that is stored, and give it to the engine when the state is another."""
        seq = await tx.append(self._entry(before, after, approves, facts))
        if before is None or (before.state, before.joined) != (after.state, after.joined):
            last = after.history[-1]
            joined = tuple(each.proposal for each in after.joined)
            change = ActionChange(after.id, after.state, last.at, last.by, last.code, joined)
            for listener in self._listeners:
                await listener(tx, change, seq)

    def about(self, action: Action, kind: EntryKind, at: datetime, by: str, body: Mapping[str, Any]) -> Entry:
        """Return a journal entry filed under the action and its subject, protected like the action."""
        return Entry(
            kind=kind,
            recorded_at=at,
            actor=by,
            subjects=(action.key.subject, f"action:{action.id}"),
            revision=action.revision,
            person=self._protects(action),
            body=body,
        )

    def _entry(self, before: Action | None, after: Action, approves: str | None, facts: Mapping[str, Any]) -> Entry:
        last = after.history[-1]
        body = {"action": after.id, "state": after.state, "version": after.version, "digest": after.digest, **facts}
        if before is None and (trace := tracing.here()):
            body["trace"] = trace
        if after.joined:
            body["joined"] = [each.proposal for each in after.joined]
        if last.reason:
            body["reason"] = last.reason
        if last.code:
            body["code"] = last.code
        if approves is not None:
            body["approves"] = approves
        if before is None or before.digest != after.digest:
            body["payload"] = after.payload
        return self.about(after, "action", last.at, last.by, body)
