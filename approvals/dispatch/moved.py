"""When the world moved between approval and sending: the action goes back with a three-way difference."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from approvals.dispatch.outcome import DISPATCH
from approvals.dispatch.ports import Moved
from approvals.life import step
from approvals.payload import build, digest_of, recipient_of
from engine.events import Action
from engine.ports import Operation


class ThreeWay(msgspec.Struct, frozen=True):
    """One payload key as the rule proposed it, as a person approved it, and as the rule would propose it today."""

    key: str
    proposed: Any
    approved: Any
    current: Any


def back(
    action: Action, operation: Operation, moved: Moved, proposed: Mapping[str, Any], now: datetime
) -> tuple[Action, tuple[ThreeWay, ...]]:
    """Return the action pending again, with a payload that needs its own verdict, and what differs.

    What a person had edited stays theirs; what they had left alone follows the world.
    """
    current = _current(operation, moved, proposed)
    ways = tuple(
        ThreeWay(key, proposed.get(key), action.payload.get(key), current.get(key))
        for key in {**proposed, **action.payload, **current}
        if proposed.get(key) != current.get(key)
    )
    payload = dict(action.payload)
    for way in ways:
        if way.approved == way.proposed:
            payload[way.key] = way.current
    draft = moved.draft if moved.draft and payload.get(operation.body) == moved.draft.text else action.draft
    returned = step(action, "pending", now, DISPATCH, _told(moved, ways), not_before=None)
    changed = msgspec.structs.replace(
        returned,
        version=action.version + 1,
        payload=payload,
        draft=draft,
        recipient=recipient_of(operation, payload),
        digest=digest_of(action.id, action.operation, payload),
    )
    return changed, ways


def _current(operation: Operation, moved: Moved, proposed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload as it would be proposed at this moment."""
    return {**proposed, **build(operation, moved.inputs or {}, moved.draft).payload}


def _told(moved: Moved, ways: tuple[ThreeWay, ...]) -> str:
    keys = ", ".join(way.key for way in ways)
    return f"the world moved: {moved.reason}" + (f" ({keys})" if keys else "")
