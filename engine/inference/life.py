"""The life of an action as the rules see it: an entity of its own, told by records as any other."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from engine.events import ActionChange, ChangeEvent
from engine.inference.activation import ENDED
from engine.inference.nodes import Act
from engine.inference.state import Entity
from engine.model.types import ACTION

_STAMPS: Final = {"approved": "decided_at", "rejected": "decided_at", "sent": "sent_at"}


def begun(act: Act, subject: Entity, account: Entity, proposal: str, now: datetime) -> ChangeEvent:
    """Return what is told of a new proposal about a subject, which belongs to an account."""
    ruleset, rule, action = act.names
    return _event(proposal, {
        "ruleset": ruleset, "rule": rule, "action": action, "subject": subject.ref, "operation": act.spec.operation,
        "state": "proposed", "proposed_at": now, account.type: account.id, subject.type: subject.id,
    })  # fmt: skip


def went_on(action: Entity, change: ActionChange) -> ChangeEvent:
    """Return what is told of an action once something became of it."""
    fields = action.parts[0].fields | {"state": change.state}
    stamp = _STAMPS.get(change.state)
    if stamp:
        fields[stamp] = change.at
    fields["ended_at"] = change.at if change.state in ENDED else None
    told = {"by": change.by, "reason": change.reason}
    fields |= {name: text for name, text in told.items() if text}
    return _event(action.id, fields)


def _event(proposal: str, fields: Mapping[str, Any]) -> ChangeEvent:
    return ChangeEvent(entity=ACTION, id=proposal, record=f"opslayer/actions/{proposal}", fields=fields)
