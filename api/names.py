"""What people call the things that the engine knows."""

from collections.abc import Iterable

from engine.inference.session import Session
from engine.inference.state import Unknown


def labels(session: Session, subjects: Iterable[str]) -> dict[str, str]:
    """Return the names of subjects (`type:id`), without those that nobody knows."""
    named = {name: each.label for name, each in session.rulebook.model.entities.items()}
    found: dict[str, str] = {}
    for each in set(subjects):
        entity = session.state.find(each) if ":" in each else None
        if entity is not None:
            value = entity.values.get(named[entity.type] or "")
            found[each] = entity.id if value is None or isinstance(value, Unknown) else str(value)
    return found
