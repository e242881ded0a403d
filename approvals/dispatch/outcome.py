"""From a receipt to the next state: pure, but for the random number that spreads retries."""

from datetime import datetime, timedelta
from random import Random

import msgspec

from approvals.dispatch.ports import Settings
from approvals.life import noted, step
from engine.events import Action, Receipt
from engine.ports import Operation

DISPATCH = "dispatch"
DEFERRED = "deferred"


def settled(
    action: Action, receipt: Receipt, operation: Operation, settings: Settings, now: datetime, rng: Random
) -> Action:
    """Return what an action that was being sent becomes by what its target answered."""
    detail = receipt.detail or receipt.result
    match receipt.result:
        case "ok":
            return step(action, "sent", now, DISPATCH, receipt.reference, not_before=None)
        case "rejected":
            return step(action, "failed", now, DISPATCH, detail, not_before=None)
        case "conflict":
            return step(action, "pending", now, DISPATCH, f"the record moved: {detail}", not_before=None)
        case "uncertain":
            return doubtful(action, operation, settings, now, detail)
        case "throttled" | "unavailable":
            return again(action, receipt, settings, now, rng)
        case "deferred":
            return deferred(action, receipt, settings, now, rng)


def again(action: Action, receipt: Receipt, settings: Settings, now: datetime, rng: Random) -> Action:
    """Return the action scheduled for another attempt, or given up after the last."""
    tries = attempts(action)
    detail = receipt.detail or receipt.result
    if tries >= settings.attempts:
        return step(action, "failed", now, DISPATCH, f"given up after {tries} attempts: {detail}", not_before=None)
    wait = max(backoff(tries, settings, rng), timedelta(seconds=receipt.retry_after))
    return step(action, "scheduled", now, DISPATCH, detail, word="retry", not_before=now + wait)


def deferred(action: Action, receipt: Receipt, settings: Settings, now: datetime, rng: Random) -> Action:
    """Return an action that was not even tried, as its source's own limits left no room: no attempt was made."""
    turns = sum(item.state == DEFERRED for item in action.history) + 1
    wait = timedelta(seconds=receipt.retry_after) + backoff(turns, settings, rng)
    return step(action, "scheduled", now, DISPATCH, receipt.detail, word=DEFERRED, not_before=now + wait)


def doubtful(action: Action, operation: Operation, settings: Settings, now: datetime, detail: str) -> Action:
    """Return the action as `unknown`; `not_before` says when it is looked up, None that a person decides."""
    alone = operation.idempotency == "none" or attempts(action) >= settings.attempts
    return step(action, "unknown", now, DISPATCH, detail, not_before=None if alone else now + settings.settle)


def later(action: Action, settings: Settings, now: datetime, rng: Random, reason: str) -> Action:
    """Return an unknown action whose look-up failed, to be looked up later."""
    tries = sum(item.state == "lookup" for item in action.history)
    wait = now + backoff(tries + 1, settings, rng)
    return noted(action, "lookup", now, DISPATCH, reason, not_before=wait)


def held(action: Action, settings: Settings, now: datetime, reason: str, until: datetime | None = None) -> Action:
    """Return a due action put off, to that moment or for a while; its history says so once for each reason."""
    until = until or now + settings.hold
    last = action.history[-1]
    if (action.state, last.state, last.reason) == ("scheduled", "held", reason):
        return msgspec.structs.replace(action, not_before=until)
    return step(action, "scheduled", now, DISPATCH, reason, word="held", not_before=until)


def attempts(action: Action) -> int:
    """Return how often sending was tried since the action was last released by somebody."""
    count = 0
    for item in reversed(action.history):
        if item.state in ("approved", "again"):
            break
        count += (item.state == "sending") - (item.state == DEFERRED)
    return count


def maybe_sent(action: Action) -> bool:
    """Whether an earlier attempt ended without anybody knowing, and nobody has found out since."""
    last = next((item.state for item in reversed(action.history) if item.state in _ENDINGS), "")
    return last in ("unknown", "repeat")


def past_taking_back(action: Action, now: datetime, by: str, reason: str) -> Action:
    """Return what may have been sent and should not go on as `unknown`: a person says what became of it."""
    return step(action, "unknown", now, by, f"may have been sent, and {reason}", not_before=None)


_ENDINGS = frozenset({"unknown", "repeat", "absent", "approved"})
"""What tells of the attempts before; that one more surely failed (`retry`) says nothing of them."""


def backoff(tries: int, settings: Settings, rng: Random) -> timedelta:
    """Return a wait that doubles with each attempt, spread over its upper half so that workers do not march."""
    doubled: timedelta = settings.backoff * 2 ** min(max(tries - 1, 0), 20)
    return min(doubled, settings.longest) * (0.5 + rng.random() / 2)
