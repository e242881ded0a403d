"""What people call the things that the engine knows."""

from collections.abc import Iterable
from typing import Any

from engine.inference.session import Session
from engine.inference.state import Entity, Unknown


def labels(session: Session, subjects: Iterable[str]) -> dict[str, str]:
    """Return the names of subjects (`type:id`), without those that nobody knows."""
    asked: dict[str, list[str]] = {}
    for each in set(subjects):
        type, colon, id = each.partition(":")
        if colon:
            asked.setdefault(type, []).append(id)
    found: dict[str, str] = {}
    for type, ids in asked.items():
        if type in session.rulebook.model.entities:
            found |= _of_type(session, type, ids)
    return found


def _of_type(session: Session, type: str, ids: list[str]) -> dict[str, str]:
    field = session.rulebook.model.entities[type].label or ""
    known, found = session.state.entities.get(type, {}), {}
    for id in ids:
        entity = known.get(id) or session.state.entity(type, id)
        if entity is not None:
            value = entity.values.get(field)
            found[f"{type}:{id}"] = value if value.__class__ is str else _told(entity, value)
    return found


def _told(entity: Entity, value: Any) -> str:  # noqa: ANN401  (any FEEL value)
    return entity.id if value is None or isinstance(value, Unknown) else str(value)
