"""What people call the things that the engine knows, and finding them by it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from api.folding import name_folded
from engine.inference.session import Session
from engine.inference.state import Entity, Unknown

_NOBODY: Mapping[str, Entity] = {}
_UNKNOWN = (_NOBODY, "")


def labels(session: Session, subjects: Iterable[str]) -> dict[str, str]:
    """Return the names of subjects (`type:id`), without those that nobody knows."""
    asked = list(set(subjects))
    return {each: name for each, name in zip(asked, _names(session, asked), strict=True) if name}


def folded(session: Session, subjects: Sequence[str]) -> list[str]:
    """Return the names of subjects in their order, folded to find words in, "" where nobody knows one."""
    return list(map(name_folded, _names(session, subjects)))


def _names(session: Session, subjects: Sequence[str]) -> list[str]:
    """Thousands are named at once: nothing is called for each of them that can be done in place."""
    state, found = session.state, list[str]()
    types = {
        type: (state.entities.get(type, _NOBODY), entity.label or "")
        for type, entity in session.rulebook.model.entities.items()
    }
    for subject in subjects:
        type, _, id = subject.partition(":")
        known, field = types.get(type, _UNKNOWN)
        entity = known.get(id)
        if entity is None:
            entity = state.entity(type, id)
        if entity is None:
            found.append("")
        else:
            value = entity.values.get(field)
            found.append(value if value.__class__ is str else _told(entity, value))
    return found


def label(entity: Entity, field: str) -> str:
    """Return the name of an entity for people; its id where nobody named it."""
    value = entity.values.get(field)
    return value if value.__class__ is str else _told(entity, value)


def _told(entity: Entity, value: Any) -> str:  # noqa: ANN401  (any FEEL value)
    return entity.id if value is None or isinstance(value, Unknown) else str(value)


class Sought:
    """Entities found by their names and keys; what is looked through is kept as long as these are the very same."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._kept: dict[Entity, tuple[str, tuple[str, ...], str]] = {}

    def named(self, type: str, wanted: str) -> Iterator[tuple[Entity, str]]:
        """Yield the entities of a type whose name or one of whose keys holds the folded words, each with its name."""
        entities = self.session.state.entities.get(type, _NOBODY)
        declared = self.session.rulebook.model.entities.get(type)
        field, kept = (declared.label or "") if declared else "", self._kept
        if len(kept) > 2 * sum(map(len, self.session.state.entities.values())):
            kept.clear()  # most of it is of entities that are gone
        for entity in entities.values():
            name = label(entity, field)
            if wanted:
                found = kept.get(entity)
                if found is None or found[0] is not name or found[1] is not entity.names:
                    found = kept[entity] = (name, entity.names, _text(name, entity.names))
                if wanted not in found[2]:
                    continue
            yield entity, name


def _text(name: str, keys: tuple[str, ...]) -> str:
    return "\n".join([name_folded(name), *map(str.lower, keys)])
