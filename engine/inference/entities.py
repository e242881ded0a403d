"""All that the engine knows: the entities of each type, and what their keys lead to."""

from collections.abc import Iterator, Mapping

from engine.inference.state import Entity, Link
from engine.mapping.rows import document


class Kind:
    """The entities of one type by id, and what their keys lead to."""

    __slots__ = ("collections", "entities", "keys", "name", "rows")

    def __init__(self, name: str, collections: Mapping[str, tuple[str, str]]) -> None:
        self.name = name
        self.collections = collections
        self.entities: dict[str, Entity] = {}
        self.keys: dict[str, Entity | Link] = {}
        self.rows: dict[str, dict[str, None]] = {}
        """The keys that are addresses of rows, by the record in which they stand."""

    def entity(self, id: str) -> Entity | None:
        """Return the entity that this id or any other of its keys names."""
        found = self.entities.get(id)
        return self.named(id) if found is None else found

    def named(self, key: str) -> Entity | None:
        """Return the entity that a key leads to at present."""
        found = self.keys.get(key)
        return found.entity if isinstance(found, Link) else found

    def create(self, id: str) -> Entity:
        """Add an entity that nothing is known of yet."""
        entity = self.entities[id] = Entity(self.name, id, self.collections)
        return entity

    def link(self, key: str) -> Link:
        """Return the link for a key by which somebody refers, made when the first does."""
        found = self.keys.get(key)
        if not isinstance(found, Link):
            found = self.keys[key] = Link(self.name, key, found)
        return found

    def lead(self, key: str, found: Entity | Link | None, entity: Entity | None) -> None:
        """Let a key, of which this was found, lead to another entity from now on, or to none."""
        old = found.entity if isinstance(found, Link) else found
        if old is not None:
            old.names = tuple([name for name in old.names if name != key])
        if isinstance(found, Link):
            found.lead(entity)
        elif entity is not None:
            self.keys[key] = entity
        else:
            del self.keys[key]
        if entity is not None:
            entity.names += (key,)
            if key.endswith("]") and (record := document(key)) != key:
                self.rows.setdefault(record, {})[key] = None


class State:
    """All entities by type, and the removed ones of which actions are known."""

    def __init__(self, collections: Mapping[str, Mapping[str, tuple[str, str]]]) -> None:
        self.kinds = {type: Kind(type, names) for type, names in collections.items()}
        self.entities = {type: kind.entities for type, kind in self.kinds.items()}
        self.gone: dict[tuple[str, str], Entity] = {}

    def entity(self, type: str, id: str) -> Entity | None:
        """Return the entity that this id or any other of its keys names."""
        kind = self.kinds.get(type)
        return None if kind is None else kind.entity(id)

    def find(self, ref: str) -> Entity | None:
        """Return the entity named `type:id`."""
        type, _, id = ref.partition(":")
        return self.entity(type, id)

    def rows_of(self, record: str) -> Iterator[tuple[str, str]]:
        """Yield (type, address) of the rows that a record told and has not taken back."""
        for type, kind in self.kinds.items():
            for key in kind.rows.get(record, ()):
                entity = kind.named(key)
                if entity is not None and entity.part(key) is not None:
                    yield type, key

    def __iter__(self) -> Iterator[Entity]:
        for kind in self.kinds.values():
            yield from kind.entities.values()
