"""What a verdict makes of a pending action: pure, so that a person may try an edit before meaning it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from approvals.context import Context
from approvals.drafting.findings import person_edit, told, unfounded
from approvals.life import noted, step
from approvals.payload import Payload, check, differences, edited, recipient_of, sealed
from approvals.policy import may_approve, may_decide, reaching, voters
from approvals.proposing import released
from approvals.reasons import REASONS
from approvals.results import BadVerdict, DecideResult, Difference, NotEditable
from approvals.structs import Person
from engine.events import Action, Verdict
from engine.source.problem import Problem

SNOOZE = timedelta(days=1)


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What an edit would come to: with `problems` it would be refused; `warnings` are for the eye alone."""

    payload: Payload
    digest: str = ""
    differences: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


class Verdicts:
    """Applies verdicts under one configuration."""

    def __init__(self, context: Context, people: Mapping[str, Person]) -> None:
        self._context = context
        self._people = people

    def after(self, verdict: Verdict, action: Action) -> Action | DecideResult:
        """Return the action as the verdict leaves it, or why it cannot count."""
        match verdict.verdict:
            case "approve":
                return self._approve(verdict, action)
            case "edit":
                return self._edit(verdict, action)
            case "reject":
                return _reject(verdict, action)
            case "delegate":
                return self._delegate(verdict, action)
            case "snooze":
                return _snooze(verdict, action)

    def preview(self, verdict: Verdict, action: Action) -> Preview:
        """Return what an edit would come to; nothing is decided."""
        after = self._edit(verdict, action)
        if isinstance(after, Action):
            found = unfounded(action, after)
            changed = differences(action.payload, after.payload)
            return Preview(payload=after.payload, digest=after.digest, differences=changed, warnings=found)
        problems = after.problems if isinstance(after, NotEditable | BadVerdict) else ()
        return Preview(payload=action.payload, problems=problems)

    def _approve(self, verdict: Verdict, action: Action) -> Action | DecideResult:
        operation = self._context.operations(action.operation)
        problems = check(operation, action.payload) if operation else [_no_connector(action)]
        if problems:
            return BadVerdict(tuple(problems))
        policy = self._context.policy(action)
        agreed = {each for each in voters(action) if self._approves(each, action)} | {verdict.by}
        if len(agreed) < policy.quorum:
            return noted(action, "voted", verdict.at, verdict.by, verdict.reason)
        return released(action, verdict.at, policy.undo, verdict.by, verdict.reason)

    def _approves(self, id: str, action: Action) -> bool:
        """Whether somebody who voted for the action may still approve it."""
        person, authors = self._people.get(id), self._context.authors_of(action)
        return person is not None and not may_approve(reaching(person), action, self._context.autonomy, authors)

    def _edit(self, verdict: Verdict, action: Action) -> Action | DecideResult:
        operation = self._context.operations(action.operation)
        if operation is None:
            return BadVerdict((_no_connector(action),))
        payload = edited(operation, action.payload, verdict.edit or {})
        if isinstance(payload, tuple):
            return NotEditable(payload)
        forbidden = self._context.forbidden(action.draft.prompt) if action.draft else ()
        draft, problems = person_edit(action.draft, operation, payload, verdict.by, forbidden)
        if problems:
            return NotEditable(problems)
        changed = noted(action, "edited", verdict.at, verdict.by, verdict.reason)
        said = {"payload": payload, "draft": draft, "recipient": recipient_of(operation, payload)}
        after = msgspec.structs.replace(changed, version=action.version + 1, **said)
        return sealed(msgspec.structs.replace(after, draft=told(after, verdict.by, unfounded(action, after))))

    def _delegate(self, verdict: Verdict, action: Action) -> Action | DecideResult:
        to = self._people.get(verdict.to)
        if to is None:
            return bad("unknown-person", f"nobody is called {verdict.to or '(nobody named)'}")
        refusal = may_decide(reaching(to), action, self._context.autonomy)
        if refusal:
            return bad("cannot-delegate", f"{refusal}; delegation gives no rights")
        return noted(action, "delegated", verdict.at, verdict.by, to.id)


def _reject(verdict: Verdict, action: Action) -> Action | DecideResult:
    if verdict.code and verdict.code not in REASONS:
        return bad("unknown-reason", f"{verdict.code} is no reason; these are: {', '.join(REASONS)}")
    return step(action, "rejected", verdict.at, verdict.by, verdict.reason, code=verdict.code)


def _snooze(verdict: Verdict, action: Action) -> Action | DecideResult:
    until = until_of(verdict.to, verdict.at)
    if until is None:
        return bad("no-duration", f"{verdict.to} is no ISO 8601 duration or moment, e.g. PT4H or 2026-01-05T09:00:00Z")
    if until <= verdict.at:
        return bad("snooze-into-the-past", "a snooze ends in the future")
    if action.expires_at and until >= action.expires_at:
        return bad("snooze-beyond-expiry", f"the action expires at {action.expires_at.isoformat()}")
    said = f"until {until.isoformat()}" + (f": {verdict.reason}" if verdict.reason else "")
    return noted(action, "snoozed", verdict.at, verdict.by, said, not_before=until)


def until_of(text: str, now: datetime) -> datetime | None:
    """Return when a snooze ends: after a duration, or at a moment with its offset; None for neither."""
    if not text:
        return now + SNOOZE
    try:
        moment: datetime = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        try:
            return now + msgspec.convert(text, timedelta)
        except (msgspec.ValidationError, OverflowError):
            return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else None


def _no_connector(action: Action) -> Problem:
    return Problem("no-operation", f"no connector offers {action.operation}")


def bad(code: str, message: str) -> BadVerdict:
    """Return that a verdict makes no sense."""
    return BadVerdict((Problem(code, message),))
