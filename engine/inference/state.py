"""What the engine knows of one entity: what records say, its values, and who refers to it.

References are held by key (a record's address, `tax_id:...`, an id), not by entity: a `Link` stands for a key that
somebody refers by, and knows which entity it names at present, if any, and which entities refer to it. So a reference
may come before its target, and merging or splitting entities moves keys and leaves every reference alone. A key that
nobody refers by, as most, leads to its entity at once.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import msgspec

from engine.feel import Record, Suspend, Value

Doubt: TypeAlias = Literal["unresolved", "faulty"]


class Unresolved(Suspend):
    """A read that cannot be answered yet; the condition that needed it waits."""

    def __init__(self, reason: str, state: Doubt = "unresolved") -> None:
        super().__init__(reason)
        self.reason = reason
        self.state: Doubt = state


class Unknown:
    """Stands in a field whose value is unresolved or faulty, with the reason."""

    __slots__ = ("reason", "state")

    def __init__(self, reason: str, state: Doubt = "unresolved") -> None:
        self.reason = reason
        self.state: Doubt = state

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and other.reason == self.reason

    def __hash__(self) -> int:
        return hash(self.reason)

    def __repr__(self) -> str:
        return f"<{self.state}: {self.reason}>"


class Part(msgspec.Struct, frozen=True, gc=False):
    """What one record says of an entity, and since when we know it.

    A row under names that all records of that shape share; it holds plain values only, so the collector may pass it.
    """

    record: str
    names: tuple[str, ...]
    row: tuple[Any, ...]
    version: str = ""
    valid_at: datetime | None = None
    recorded_at: datetime | None = None

    def get(self, name: str) -> Value:
        """Return what it says of a field, None when nothing."""
        return self.row[self.names.index(name)] if name in self.names else None

    @property
    def fields(self) -> dict[str, Any]:
        """Return what it says as a mapping of its own."""
        return dict(zip(self.names, self.row, strict=True))


class Link:
    """One key by which an entity of a type is referred to."""

    __slots__ = ("entity", "key", "type", "users")

    def __init__(self, type: str, key: str, entity: "Entity | None") -> None:
        self.type = type
        self.key = key
        self.entity = entity
        if entity is not None:
            entity.referred += (self,)
        self.users: dict[tuple[str, str], dict[Entity, None]] | None = None

    def lead(self, entity: "Entity | None") -> None:
        """Name another entity from now on."""
        if self.entity is not None:
            self.entity.referred = tuple(each for each in self.entity.referred if each is not self)
        self.entity = entity
        if entity is not None:
            entity.referred += (self,)

    def __repr__(self) -> str:
        return f"<{self.type} {self.key}>"


NO_TRUTHS: Final[dict[int, Any]] = {}
"""Most entities have no condition that is not false; nothing is ever added to this one."""


class Entity(Record):
    """One customer, invoice, message ...: its values, and the engine's notes on it.

    `values` holds given, derived and concluded fields alike, references as links. `truths` holds the state of the
    conditions that are not false, `contributions` what rules conclude, `wakes` the next moment each node must look,
    `circles` the references that lead back to the entity itself, `matches` those whom joins have found. `names` are the
    keys that lead here, `referred` the links of those of them by which somebody refers.
    """

    __slots__ = (
        "_ref",
        "circles",
        "collections",
        "contributions",
        "id",
        "matches",
        "names",
        "parts",
        "referred",
        "truths",
        "type",
        "values",
        "wakes",
    )

    def __init__(self, type: str, id: str, collections: Mapping[str, tuple[str, str]]) -> None:
        self.type = type
        self.id = id
        self._ref = ""
        self.collections = collections
        self.parts: tuple[Part, ...] = ()
        self.values: dict[str, Any] = {"id": id}
        self.names: tuple[str, ...] = ()
        self.referred: tuple[Link, ...] = ()
        self.truths = NO_TRUTHS
        self.contributions: dict[str, dict[int, Any]] | None = None
        self.wakes: dict[int, datetime] | None = None
        self.circles: frozenset[str] | None = None
        self.matches: dict[tuple[str, str], dict[Entity, None]] | None = None

    def note(self, index: int, truth: object) -> None:
        """Keep the truth of a condition; none is kept for what is false."""
        if self.truths is NO_TRUTHS:
            self.truths = {}
        self.truths[index] = truth

    def forget(self, index: int) -> None:
        """Let a condition be false."""
        del self.truths[index]

    def contribute(self, field: str, index: int, value: object) -> None:
        """Keep what a condition concludes about a field."""
        if self.contributions is None:
            self.contributions = {}
        given = self.contributions.get(field)
        if given is None:
            given = self.contributions[field] = {}
        given[index] = value

    def withdraw(self, field: str, index: int) -> bool:
        """Let go of what was kept of a condition's conclusion; returns whether anything was."""
        kept = None if self.contributions is None else self.contributions.get(field)
        if kept is None or index not in kept:
            return False
        del kept[index]
        return True

    def told(self, part: Part) -> Part | None:
        """Let a record say something else than before; returns what it said."""
        before = self.part(part.record)
        kept = self.parts if before is None else tuple(each for each in self.parts if each is not before)
        self.parts = (*kept, part)
        return before

    def untold(self, record: str) -> Part | None:
        """Take back what a record said, and return it."""
        before = self.part(record)
        if before is not None:
            self.parts = tuple(each for each in self.parts if each is not before)
        return before

    def part(self, record: str) -> Part | None:
        """Return what a record says."""
        for each in self.parts:
            if each.record == record:
                return each
        return None

    def get(self, name: str, default: Value = None) -> Value:
        """Read a field as FEEL sees it: references give entities, collections lists in order of id."""
        value = self.values.get(name)
        if value is None:
            slot = self.collections.get(name)
            return default if slot is None else self._collection(slot)
        kind = type(value)
        if kind is Link:
            if value.entity is None:
                raise Unresolved(f"{self.type} {self.id} refers to {value.type} {value.key}, which is not known")
            if self.circles is not None and name in self.circles:
                raise Unresolved(circling(self, name))
            return value.entity
        if kind is Unknown:
            raise Unresolved(value.reason, value.state)
        return value

    def _collection(self, slot: tuple[str, str]) -> list["Entity"]:
        found = sorted(self.members(slot), key=_id)
        if slot[0] == self.type:
            for item in found:
                if item.circles is not None and slot[1] in item.circles:
                    raise Unresolved(circling(item, slot[1]))
        return found

    def keys(self) -> list[str]:
        """Names of the fields that a person may see."""
        return [name for name in self.values if name[0] != "#"] + list(self.collections)

    def members(self, slot: tuple[str, str]) -> Iterator["Entity"]:
        """Entities that refer here through a (type, field), or that a join has found."""
        if self.matches is not None:
            yield from self.matches.get(slot, ())
        for link in self.referred:
            if link.users is not None:
                yield from link.users.get(slot, ())

    @property
    def ref(self) -> str:
        """`type:id`, the entity's name in decisions and the journal; few are ever asked for it."""
        if not self._ref:
            self._ref = f"{self.type}:{self.id}"
        return self._ref

    def __repr__(self) -> str:
        return f"<{self.ref}>"


def circling(entity: Entity, name: str) -> str:
    """Say why a reference that should not lead back is unresolved."""
    return f"{name} of {entity.type} {entity.id} leads back to itself"


def _id(entity: Entity) -> str:
    return entity.id
