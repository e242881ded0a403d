"""Which entity a record speaks of: the one that its address or any of its exact identifiers names, else a new one."""

import msgspec

from engine.events import ChangeEvent
from engine.inference.state import State
from engine.ports import Mapped


def identify(state: State, mapped: Mapped) -> ChangeEvent:
    """Return the change with its entity's id.

    A record stays with the entity it has spoken of before. Identifiers that name different entities merge nothing:
    the record keeps to itself under its own id, without the identifiers in doubt.
    """
    event = mapped.event
    links = state.links[event.entity]
    own = links.get(event.record)
    if own is not None and own.entity is not None:
        known = own.entity.id
    else:
        named = {link.entity.id for key in mapped.strong if (link := links.get(key)) and link.entity is not None}
        known = named.pop() if len(named) == 1 else mapped.proposed_id
    keys = tuple(key for key in event.keys if not _names_other(state, event.entity, key, known))
    return msgspec.structs.replace(event, id=known, keys=keys)


def _names_other(state: State, type: str, key: str, id: str) -> bool:
    link = state.links[type].get(key)
    return link is not None and link.entity is not None and link.entity.id != id
