"""The life of an action as the rules see it: an entity of its own, told by records as any other."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from engine.events import ActionChange, ChangeEvent, Decision
from engine.inference.activation import ENDED
from engine.inference.state import Entity
from engine.model.types import ACTION

_STAMPS: Final = {"approved": "decided_at", "rejected": "decided_at", "sent": "sent_at"}


def begun(decision: Decision, state: str, subject: Entity | None, root: str, now: datetime) -> ChangeEvent:
    """Return what is told of a new proposal; `root` is the account that its subject belongs to."""
    fields: dict[str, Any] = {
        "ruleset": decision.key.ruleset, "rule": decision.key.rule, "action": decision.key.action,
        "subject": decision.key.subject, "operation": decision.operation, "state": state, "proposed_at": now,
    }  # fmt: skip
    if subject is not None:
        type, _, id = root.partition(":")
        fields[type] = id
        fields[subject.type] = subject.id
    return _event(decision.proposal, fields)


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
