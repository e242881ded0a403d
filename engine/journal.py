"""Engine inputs as journal entries, and journal entries as engine inputs again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import msgspec

from engine.events import ActionChange, ChangeEvent, Decision, Merge, Split, Watermark
from engine.inference.session import Input, Session
from engine.model.structs import Model
from engine.ports import Entry, EntryKind, Reader, Stored

INPUTS: Final[tuple[EntryKind, ...]] = (
    "record", "deleted", "watermark", "tick", "merge", "split", "action", "bundle",
)  # fmt: skip
"""The kinds that a replay reads; everything else is derived or tells of people."""

_PAGE = 5000
Told = TypeVar("Told", bound=Input)


def entry_of(event: Input, at: datetime, *, first_load: bool = False, person: str = "") -> Entry:
    """Return the journal entry of an input."""
    match event:
        case ChangeEvent():
            body: dict[str, Any] = {
                "entity": event.entity,
                "id": event.id,
                "record": event.record,
                "fields": dict(event.fields),
                "keys": list(event.keys),
                "version": event.version,
            }
            body |= {"first_load": True} if first_load else {}
            kind: EntryKind = "deleted" if event.deleted else "record"
            source = event.record.partition("/")[0]
            return Entry(
                kind=kind,
                recorded_at=at,
                valid_at=event.valid_at,
                actor=f"source:{source}",
                subjects=(f"{event.entity}:{event.id}",),
                person=person,
                body=body,
            )
        case Watermark():
            return Entry(
                kind="watermark",
                recorded_at=at,
                actor=f"source:{event.source}",
                body={"source": event.source, "at": event.at},
            )
        case Merge():
            subjects = (f"{event.entity}:{event.id}", f"{event.entity}:{event.other}")
            return Entry(
                kind="merge",
                recorded_at=at,
                subjects=subjects,
                body={"entity": event.entity, "id": event.id, "other": event.other},
            )
        case Split():
            subjects = (f"{event.entity}:{event.id}", f"{event.entity}:{event.other}")
            return Entry(
                kind="split",
                recorded_at=at,
                subjects=subjects,
                body={"entity": event.entity, "id": event.id, "other": event.other, "records": list(event.records)},
            )
        case ActionChange():
            return Entry(
                kind="action",
                recorded_at=at,
                actor=event.by,
                subjects=(f"action:{event.proposal}",),
                body={"action": event.proposal, "state": event.state, **_coded(event.reason), **_joined(event.joined)},
            )


def as_read_back(event: Told) -> Told:
    """Return an input as its entry gives it back, so that what is decided now and in a replay is the same."""
    if not isinstance(event, ChangeEvent) or event.valid_at is None:
        return event
    return msgspec.structs.replace(event, valid_at=event.valid_at.astimezone(UTC))


def _joined(proposals: tuple[str, ...]) -> dict[str, list[str]]:
    return {"joined": list(proposals)} if proposals else {}


def _coded(reason: str) -> dict[str, str]:
    return {"code": reason} if reason else {}


def input_of(stored: Stored) -> tuple[Input | None, bool]:
    """Return the input that an entry holds and whether it belongs to a first load; None for ticks and erased bodies."""
    body = stored.body
    if body is None:
        return None, False
    match stored.kind:
        case "record" | "deleted":
            event = ChangeEvent(
                entity=body["entity"], id=body["id"], record=body["record"], fields=body["fields"],
                keys=tuple(body["keys"]), version=body["version"], valid_at=stored.valid_at,
                deleted=stored.kind == "deleted",
            )  # fmt: skip
            return event, bool(body.get("first_load"))
        case "watermark":
            return Watermark(body["source"], body["at"]), False
        case "merge":
            return Merge(body["entity"], body["id"], body["other"]), False
        case "split":
            return Split(body["entity"], body["id"], body["other"], tuple(body["records"])), False
        case "action":
            return ActionChange(
                body["action"], body["state"], stored.recorded_at, stored.actor, body.get("code", ""),
                tuple(body.get("joined", ())),
            ), False  # fmt: skip
    return None, False


def decision_entry(decision: Decision) -> Entry:
    """Return the journal entry of a decision: derived, so a replay strips it and must find the same."""
    key = decision.key
    body = {
        "id": decision.id,
        "kind": decision.kind,
        "ruleset": key.ruleset,
        "rule": key.rule,
        "action": key.action,
        "proposal": decision.proposal,
    }
    return Entry(
        kind="decision",
        recorded_at=decision.at,
        actor="engine",
        subjects=(key.subject, f"action:{decision.proposal}"),
        revision=decision.revision,
        body=body,
    )


def person_of(session: Session, event: Input) -> str:
    """Return whose key protects what an input says: the entity's person where its type has personal fields."""
    if not isinstance(event, ChangeEvent):
        return ""
    return protector(session.rulebook.model, event)


def protector(model: Model, event: ChangeEvent) -> str:
    """Return `type:id` of the person that a change's personal fields are about, "" when it has none."""
    entity = model.entities[event.entity]
    if not any(field.personal for field in entity.fields.values()):
        return ""
    if entity.person in {None, "self"}:
        return f"{event.entity}:{event.id}"
    referred = event.fields.get(entity.person or "")
    target = entity.fields[entity.person or ""].ref
    return f"{target}:{referred}" if referred else f"{event.entity}:{event.id}"


async def entries(reader: Reader, after: int = 0) -> AsyncIterator[Stored]:
    """Yield the inputs of the journal in order."""
    while page := await reader.entries(after, kinds=INPUTS, limit=_PAGE):
        for stored in page:
            yield stored
        after = page[-1].seq
