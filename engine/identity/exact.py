"""Which entity a record speaks of: the one that its address or any of its exact identifiers names, else a new one."""

from collections.abc import Mapping

import msgspec

from engine.events import ChangeEvent
from engine.identity.compare import compare
from engine.identity.profile import profile
from engine.inference.entities import State
from engine.inference.state import Entity
from engine.mapping.identifiers import family
from engine.model.structs import Evidence
from engine.ports import Mapped

_REACHED = frozenset({"mail", "phone"})


def identify(state: State, mapped: Mapped, evidence: Mapping[str, Evidence] | None = None) -> ChangeEvent:
    """Return the change with its entity's id.

    A record stays with the entity it has spoken of before. Identifiers that name different entities merge nothing:
    the record keeps to itself under its own id, without the identifiers in doubt. Nor does a mailbox or telephone
    alone, for companies share them: where `evidence` (by type) says what else to compare and that contradicts, and
    without it where one system keeps the two under two keys.
    """
    event = mapped.event
    kind = state.kinds[event.entity]
    own = kind.named(event.record)
    if own is not None:
        known = own.id
    else:
        found = {key: entity for key in mapped.strong if (entity := kind.named(key)) is not None}
        named = {entity.id: entity for entity in found.values()}
        known = next(iter(named)) if len(named) == 1 else mapped.proposed_id
        if len(named) == 1 and all(_only_reached(key) for key in found):
            weighed, other = (evidence or {}).get(event.entity), named[known]
            apart = _another(weighed, event, other) if weighed else _kept_beside(event.record, other)
            known = mapped.proposed_id if apart else known
    keys = tuple(key for key in event.keys if not _names_other(state, event.entity, key, known))
    return msgspec.structs.replace(event, id=known, keys=keys)


def _only_reached(key: str) -> bool:
    scheme, colon, _ = key.partition(":")
    return bool(colon) and family(scheme) in _REACHED


def _another(evidence: Evidence, event: ChangeEvent, entity: Entity) -> bool:
    """Whether what else is known says that a shared mailbox or telephone belongs to two parties."""
    mine = profile(evidence, event.fields, event.keys)
    theirs = profile(evidence, entity.values, entity.names)
    return bool(mine.label and theirs.label) and compare(mine, theirs).outcome != "same"


def _kept_beside(record: str, entity: Entity) -> bool:
    """Whether the stream that tells a record tells another one of the entity."""
    stream = _stream(record)
    return any(_stream(part.record) == stream for part in entity.parts)


def _stream(record: str) -> tuple[str, ...]:
    """Return `source/stream` of a record's address; its key may have slashes of its own."""
    return tuple(record.split("/", 2)[:2])


def _names_other(state: State, type: str, key: str, id: str) -> bool:
    entity = state.kinds[type].named(key)
    return entity is not None and entity.id != id
