"""Keeps all parties of a session findable, and tells which pairs may be one; others decide what becomes of them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from engine.events import ChangeEvent
from engine.identity.compare import Comparison, compare
from engine.identity.index import Parties
from engine.identity.profile import Profile, profile
from engine.inference.session import Session
from engine.inference.state import Entity
from engine.model.structs import Evidence, Model

State = Literal["asked", "merged", "split", "different"]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Pair(msgspec.Struct, frozen=True, order=True):
    """Two entities of a type, in the order of their ids."""

    entity: str
    left: str
    right: str

    @classmethod
    def of(cls, entity: str, one: str, other: str) -> "Pair":
        """Return the pair, whichever of the two is named first."""
        return cls(entity, min(one, other), max(one, other))


class Judged(msgspec.Struct, frozen=True):
    """A pair that may be one, and why."""

    pair: Pair
    comparison: Comparison


class Resolver:
    """The parties of one session at a time; `decided` is what people and the resolver have said of pairs before.

    `asked` are those of them that wait for a person, with the bits that spoke for one when they were put to people.
    """

    def __init__(self) -> None:
        self.parties: dict[str, Parties] = {}
        self.decided: dict[Pair, State] = {}
        self.asked: dict[Pair, float] = {}
        self.read_to = 0
        self._evidence: Mapping[str, Evidence] = {}
        self._session: Session | None = None
        self._waiting: dict[tuple[str, str], None] = {}

    @property
    def waiting(self) -> int:
        """Return how many parties have yet to be looked up."""
        return len(self._waiting)

    def heard(self, event: ChangeEvent) -> None:
        """Note that something was told of an entity."""
        if event.entity in self._evidence:
            self._waiting[event.entity, event.id] = None

    def follows(self, session: Session) -> bool:
        """Whether it knows the parties of this very session."""
        return session is self._session

    def follow(self, session: Session, since: datetime | None = None) -> None:
        """Learn all parties of a session that is not the one known; those told of after `since` wait for a look-up."""
        if self.follows(session):
            return
        first, self._session = self._session is None, session
        self._evidence = evidence_of(session.rulebook.model)
        self.parties = {type: Parties() for type in self._evidence}
        for type, parties in self.parties.items():
            for entity in session.state.entities.get(type, {}).values():
                parties.put(entity.id, self.profile(entity))
                if first and _told_at(entity) > (since or _EPOCH):
                    self._waiting[type, entity.id] = None

    def profile(self, entity: Entity) -> Profile:
        """Return an entity as it is compared."""
        return profile(self._evidence[entity.type], entity.values, entity.names)

    def judge(self, limit: int) -> Iterator[Judged]:
        """Look up as many waiting parties, and yield the pairs that nobody has decided yet."""
        assert self._session is not None
        batch = list(self._waiting)[:limit]
        changed: dict[tuple[str, str], Profile] = {}
        for type, id in batch:
            del self._waiting[type, id]
            entity = self._session.state.entities.get(type, {}).get(id)
            if entity is None:
                self.parties[type].drop(id)
            else:
                changed[type, id] = self.profile(entity)
                self.parties[type].put(id, changed[type, id])
        for (type, id), mine in changed.items():
            for match in self.parties[type].matches(mine, but=id):
                pair = Pair.of(type, id, match.id)
                if pair not in self.decided:
                    yield Judged(pair, match.comparison)

    def said(self, pair: Pair, state: State, bits: float) -> None:
        """Note what was said of a pair, the newest word last."""
        self.decided[pair] = state
        self.asked.pop(pair, None)
        if state == "asked":
            self.asked[pair] = bits

    def forget(self, type: str, id: str) -> None:
        """Let go of a party that has become part of another; that one is looked at anew."""
        if type in self.parties:
            self.parties[type].drop(id)

    def certain(self, type: str) -> bool:
        """Whether pairs beyond doubt may be merged without asking."""
        return self._evidence[type].merge == "certain"


def evidence_of(model: Model) -> dict[str, Evidence]:
    """Return by which fields the parties of each type are compared."""
    return {name: entity.identity for name, entity in model.entities.items() if entity.identity is not None}


def compared(model: Model, left: Entity, right: Entity) -> Comparison | None:
    """Return the evidence on two entities of a type as it is at present; None when the type has none."""
    entity = model.entities[left.type]
    if entity.identity is None:
        return None
    one, other = (profile(entity.identity, each.values, each.names) for each in (left, right))
    return compare(one, other)


def _told_at(entity: Entity) -> datetime:
    return max((part.recorded_at.astimezone(UTC) for part in entity.parts if part.recorded_at), default=_EPOCH)
