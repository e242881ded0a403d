"""The one place where a person's word counts, for every channel."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from approvals import standing
from approvals.context import Context
from approvals.dispatch.outcome import maybe_sent
from approvals.life import noted, step
from approvals.memory import Memory
from approvals.payload import differences
from approvals.policy import may_approve, may_assist, may_decide
from approvals.reasons import NEVER
from approvals.results import (
    AlreadyDecided,
    Decided,
    DecideResult,
    NotThisPerson,
    StaleDigest,
    UnknownAction,
)
from approvals.structs import Person
from approvals.verdicts import Preview, Verdicts, bad
from engine.events import Action, Verdict
from engine.ports import Entry, Transaction

LONGEST = 2000


class Inbox:
    """Decides on pending actions; every refusal is journaled as `denied`, every verdict with its effect."""

    def __init__(self, context: Context, people: Mapping[str, Person], memory: Memory) -> None:
        self._context = context
        self._people = people
        self._memory = memory
        self._verdicts = Verdicts(context, people)

    async def decide(
        self, tx: Transaction, verdict: Verdict, person: Person, idempotency_key: str = ""
    ) -> DecideResult:
        """Let a person's word on one version of an action count, once; nothing is raised, everything answered."""
        action = await tx.action(verdict.action)
        if action is None:
            result: DecideResult = UnknownAction(verdict.action)
        else:
            verdict = msgspec.structs.replace(verdict, by=person.id)
            result = await self._again(tx, verdict, action, idempotency_key) or await self._first(
                tx, verdict, person, action, idempotency_key
            )
        if not isinstance(result, Decided):
            await self._deny(tx, verdict, person, action, result)
        return result

    def preview(self, verdict: Verdict, action: Action) -> Preview:
        """Return what an edit of the action would come to; nothing is decided and nothing journaled."""
        return self._verdicts.preview(verdict, action)

    async def undo(self, tx: Transaction, id: str, person: Person, at: datetime, reason: str = "") -> DecideResult:
        """Bring an approved action back into the inbox as long as its sending has not begun."""
        action = await tx.action(id)
        if action is None:
            return UnknownAction(id)
        refusal = may_decide(person, action, self._context.autonomy)
        if refusal:
            return NotThisPerson(refusal)
        if action.state not in ("approved", "scheduled") or maybe_sent(action):
            return _decided(action)
        back = step(action, "pending", at, person.id, reason or "taken back", not_before=None)
        return await self._moved(tx, action, back, approves="")

    async def claim(self, tx: Transaction, id: str, person: Person, at: datetime) -> DecideResult:
        """Tell the others that this person looks after the action; it gives and takes no rights."""
        return await self._remark(tx, id, person, "claimed", at, "")

    async def comment(self, tx: Transaction, id: str, person: Person, at: datetime, text: str) -> DecideResult:
        """Leave a remark beside the action."""
        if not text.strip() or len(text) > LONGEST:
            return bad("no-comment", f"a comment has 1 to {LONGEST} characters")
        return await self._remark(tx, id, person, "commented", at, text.strip())

    async def _remark(
        self, tx: Transaction, id: str, person: Person, word: str, at: datetime, text: str
    ) -> DecideResult:
        action = await tx.action(id)
        if action is None:
            return UnknownAction(id)
        refusal = may_decide(person, action, self._context.autonomy)
        if refusal:
            return NotThisPerson(refusal)
        if word == "claimed" and action.state != "pending":
            return _decided(action)
        body = {"action": id, "verdict": word, "by": person.id, "reason": text}
        cause = self._context.life.about(action, "verdict", at, person.id, body)
        return await self._moved(tx, action, noted(action, word, at, person.id, text), None, cause)

    async def _again(self, tx: Transaction, verdict: Verdict, action: Action, key: str) -> DecideResult | None:
        if not key or not await tx.seen("verdict", f"{verdict.by}:{verdict.action}:{key}"):
            return None
        body = await self._memory.verdict(verdict.action, verdict.by, key)
        if body is None:
            return Decided(action, replayed=True) if _own(action, verdict) else None
        same = (body["verdict"], body["digest"]) == (verdict.verdict, verdict.digest)
        if same and body.get("edit") == verdict.edit:
            return Decided(action, replayed=True)
        return bad("idempotency-key-reused", "the idempotency key was used for another verdict")

    async def _first(self, tx: Transaction, verdict: Verdict, person: Person, action: Action, key: str) -> DecideResult:
        refusal = self.refusal(verdict, person, action)
        if refusal:
            return NotThisPerson(refusal)
        if action.state == "proposed":
            return bad("not-ready", "the words of this action are still being written")
        if action.state != "pending":
            return _decided(action)
        if action.expires_at and action.expires_at <= verdict.at:
            return await self._too_late(tx, action, verdict.at)
        if verdict.digest != action.digest:
            shown = await self._memory.shown(action.id, verdict.digest)
            return StaleDigest(action, differences(shown, action.payload) if shown is not None else ())
        after = self._verdicts.after(verdict, action)
        if not isinstance(after, Action):
            return after
        cause = self._context.life.about(after, "verdict", verdict.at, verdict.by, _body(verdict, after, key))
        result = await self._moved(tx, action, after, _approves(after), cause)
        if isinstance(result, Decided) and after.state == "rejected" and verdict.code == NEVER:
            await standing.forbid(tx, action, verdict.by, verdict.at)
        return result

    def refusal(self, verdict: Verdict, person: Person, action: Action) -> str:
        """Return why this person may not say this of the action, "" when they may."""
        if verdict.verdict != "approve":
            return may_decide(person, action, self._context.autonomy)
        policy = self._context.policy(action)
        if (policy.four_eyes or policy.quorum > 1) and person.id not in self._people:
            return f"{policy.name} counts people, and {person.id} is none of config/people.yaml"
        if verdict.channel == "mcp" and (refusal := may_assist(action, policy)):
            return refusal
        authors = self._context.authors_of(action)
        return may_approve(person, action, self._context.autonomy, authors)

    async def _moved(
        self, tx: Transaction, before: Action, after: Action, approves: str | None, cause: Entry | None = None
    ) -> DecideResult:
        if await self._context.life.move(tx, before, after, approves=approves, cause=cause):
            return Decided(after)
        return _decided(await tx.action(before.id) or before)

    async def _too_late(self, tx: Transaction, action: Action, at: datetime) -> DecideResult:
        gone = step(action, "expired", at, "clock", "nobody decided in time")
        await self._context.life.move(tx, action, gone, approves="")
        return _decided(gone)

    async def _deny(
        self, tx: Transaction, verdict: Verdict, person: Person, action: Action | None, result: DecideResult
    ) -> None:
        body: dict[str, Any] = {
            "action": verdict.action,
            "verdict": verdict.verdict,
            "channel": verdict.channel,
            "why": type(result).__name__,
        }
        if isinstance(result, NotThisPerson):
            body["reason"] = result.reason
        about = (action.key.subject, f"action:{action.id}") if action else (f"action:{verdict.action}",)
        await tx.append(Entry(kind="denied", recorded_at=verdict.at, actor=person.id, subjects=about, body=body))


def _own(action: Action, verdict: Verdict) -> bool:
    """Whether this very verdict has just been given, in a transaction that readers cannot see yet."""
    last = action.history[-1]
    word = {"approve": "approved", "reject": "rejected"}.get(verdict.verdict)
    return (last.state, last.by) == (word, verdict.by) and action.digest == verdict.digest


def _decided(action: Action) -> AlreadyDecided:
    last = action.history[-1]
    decisive = next((item for item in reversed(action.history) if item.state in _DECISIVE), last)
    return AlreadyDecided(action, decisive.by, decisive.at)


_DECISIVE = frozenset({"approved", "rejected", "withdrawn", "expired"})


def _approves(after: Action) -> str | None:
    if after.state in ("approved", "scheduled"):
        return after.digest
    return "" if after.state == "rejected" else None


def _body(verdict: Verdict, after: Action, key: str) -> dict[str, Any]:
    body = {name: value for name, value in msgspec.structs.asdict(verdict).items() if value not in ("", None)}
    body |= {"state": after.state, "version": after.version, "now": after.digest}
    return body | {"key": key} if key else body
