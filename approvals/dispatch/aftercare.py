"""What a person decides after sending went wrong: the unknown ones, and the dead letters."""

from datetime import datetime

from approvals.context import Context
from approvals.dispatch.unknown import repeated
from approvals.life import noted, step
from approvals.policy import may_approve, may_decide, reaching
from approvals.results import AlreadyDecided, Decided, DecideResult, NotThisPerson, UnknownAction
from approvals.structs import Person
from engine.events import Action
from engine.ports import Transaction


class Aftercare:
    """Settles what dispatch cannot settle by itself."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def happened(self, tx: Transaction, id: str, person: Person, at: datetime, reason: str = "") -> DecideResult:
        """A person has seen that an unknown action was done."""
        action, refusal = await self._open(tx, id, person, "unknown", approve=False)
        if action is None or refusal:
            return refusal or UnknownAction(id)
        sent = step(action, "sent", at, person.id, reason or "a person found it done", not_before=None)
        return await self._moved(tx, action, sent, "happened")

    async def missed(self, tx: Transaction, id: str, person: Person, at: datetime, reason: str = "") -> DecideResult:
        """A person has seen that an unknown action was not done: it is sent again."""
        action, refusal = await self._open(tx, id, person, "unknown", approve=True)
        if action is None or refusal:
            return refusal or UnknownAction(id)
        again = repeated(action, at, person.id, "absent", reason or "a person found it not done")
        return await self._moved(tx, action, again, "missed")

    async def retry(self, tx: Transaction, id: str, person: Person, at: datetime, reason: str = "") -> DecideResult:
        """Send a dead letter again; one that was never approved goes to the inbox instead."""
        action, refusal = await self._open(tx, id, person, "failed", approve=True)
        if action is None or refusal:
            return refusal or UnknownAction(id)
        if _stands(action):
            after = step(action, "scheduled", at, person.id, reason, word="again", not_before=at)
        else:
            after = step(action, "pending", at, person.id, reason)
        return await self._moved(tx, action, after, "retry")

    async def drop(self, tx: Transaction, id: str, person: Person, at: datetime, reason: str = "") -> DecideResult:
        """Give a dead letter up."""
        action, refusal = await self._open(tx, id, person, "failed", approve=False)
        if action is None or refusal:
            return refusal or UnknownAction(id)
        return await self._moved(tx, action, step(action, "rejected", at, person.id, reason or "dropped"), "drop")

    async def hand_over(
        self, tx: Transaction, id: str, person: Person, at: datetime, to: Person, reason: str = ""
    ) -> DecideResult:
        """Ask a colleague to look after an unknown action or a dead letter; its state stays."""
        action = await tx.action(id)
        state = "unknown" if action and action.state == "unknown" else "failed"
        action, refusal = await self._open(tx, id, person, state, approve=False)
        if action is None or refusal:
            return refusal or UnknownAction(id)
        wrong = may_decide(reaching(to), action, self._context.autonomy)
        if wrong:
            return NotThisPerson(f"{wrong}; handing over gives no rights")
        after = noted(action, "delegated", at, person.id, to.id)
        return await self._moved(tx, action, after, f"handed over to {to.id} {reason}".strip())

    async def _open(
        self, tx: Transaction, id: str, person: Person, state: str, *, approve: bool
    ) -> tuple[Action | None, DecideResult | None]:
        action = await tx.action(id)
        if action is None:
            return None, None
        authors = self._context.authors_of(action)
        autonomy = self._context.autonomy
        refusal = may_approve(person, action, autonomy, authors) if approve else may_decide(person, action, autonomy)
        if refusal:
            return action, NotThisPerson(refusal)
        if action.state != state:
            return action, AlreadyDecided(action, action.history[-1].by, action.history[-1].at)
        return action, None

    async def _moved(self, tx: Transaction, before: Action, after: Action, word: str) -> DecideResult:
        last = after.history[-1]
        body = {"action": after.id, "aftercare": word, "by": last.by, "reason": last.reason}
        cause = self._context.life.about(after, "verdict", last.at, last.by, body)
        if await self._context.life.move(tx, before, after, cause=cause):
            return Decided(after)
        stored = await tx.action(before.id) or before
        return AlreadyDecided(stored, stored.history[-1].by, stored.history[-1].at)


def _stands(action: Action) -> bool:
    """Whether what was approved is what failed: not one that was made anew or asked about since."""
    last = next((item.state for item in reversed(action.history) if item.state in _WORDS), "")
    return last == "approved"


_WORDS = frozenset({"approved", "pending", "proposed"})
