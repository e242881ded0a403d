"""When the world moved between approval and sending: the action goes back with a three-way difference."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from approvals.dispatch.outcome import DISPATCH
from approvals.dispatch.ports import Moved
from approvals.life import step
from approvals.payload import build, recipient_of, sealed
from engine.events import Action, Draft
from engine.ports import Operation


class ThreeWay(msgspec.Struct, frozen=True):
    """One payload key as the rule proposed it, as a person approved it, and as the rule would propose it today."""

    key: str
    proposed: Any
    approved: Any
    current: Any


class Returned(msgspec.Struct, frozen=True):
    """An action on its way back into the inbox: what differs, and the payload that the next check starts from."""

    action: Action
    ways: tuple[ThreeWay, ...]
    basis: Mapping[str, Any]


def back(
    action: Action, operation: Operation, moved: Moved, basis: Mapping[str, Any], now: datetime
) -> Returned | None:
    """Return the action pending again, with a payload that needs its own verdict; None when nothing it says differs.

    `basis` is the payload as the rule proposed it when a person last saw it. What a person had edited stays theirs;
    what they had left alone follows the world.
    """
    current = _current(operation, moved, basis)
    ways = tuple(
        ThreeWay(key, basis.get(key), action.payload.get(key), current.get(key))
        for key in {**basis, **action.payload, **current}
        if basis.get(key) != current.get(key)
    )
    if not ways and (moved.inputs is not None or moved.draft is not None):
        return None
    payload = {**action.payload, **{way.key: way.current for way in ways if way.approved == way.proposed}}
    returned = step(action, "pending", now, DISPATCH, _told(moved, ways), not_before=None)
    changed = msgspec.structs.replace(
        returned,
        version=action.version + 1,
        payload=payload,
        draft=_draft(action.draft, moved.draft, payload.get(operation.body)),
        recipient=recipient_of(operation, payload),
    )
    return Returned(sealed(changed), ways, current)


def _draft(approved: Draft | None, fresh: Draft | None, text: Any) -> Draft | None:  # noqa: ANN401  (a payload value)
    """Return the draft that the payload's words come from, in any case with the facts of this moment."""
    if fresh is None or approved is None or text == fresh.text:
        return fresh or approved
    return msgspec.structs.replace(approved, slots=fresh.slots)


def _current(operation: Operation, moved: Moved, basis: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload as it would be proposed at this moment."""
    return {**basis, **build(operation, moved.inputs or {}, moved.draft).payload}


def _told(moved: Moved, ways: tuple[ThreeWay, ...]) -> str:
    keys = ", ".join(way.key for way in ways)
    return f"the world moved: {moved.reason}" + (f" ({keys})" if keys else "")
