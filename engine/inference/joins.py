"""Joins: entities of two types that no reference connects, found by equality and narrowed by any condition.

A model says `candidates: {match: invoice, where: item.amount = amount and contains(text, item.number)}`. The equalities
become a key on either side, kept in an index, so an entity is compared with those of its own key only. Conditions on
one side alone become hidden fields of that side, with their own flips in time.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from engine.feel import Env, Record, Value, ast
from engine.inference.aggregates import reads_time
from engine.inference.expressions import Expressions, locate
from engine.inference.inline import unbase
from engine.inference.nodes import Compiled, Matcher, Matching
from engine.inference.scope import ITEM, free_names
from engine.inference.state import Entity, Unresolved
from engine.model.structs import Field
from engine.model.types import partner, slot_of
from engine.source.expression import Expression
from engine.source.problem import Problem


@dataclass
class _Parts:
    """A condition taken apart by what its conjuncts read."""

    own: list[ast.Node]
    item: list[ast.Node]
    own_keys: list[ast.Node]
    item_keys: list[ast.Node]
    both: list[ast.Node]


class Joining:
    """Compiles the `match` fields of a model."""

    def __init__(self, expressions: Expressions) -> None:
        self._expressions = expressions

    def run(self) -> None:
        """Add two nodes for each join, one for either side."""
        for type, entity in self._expressions.model.entities.items():
            for name, field in entity.fields.items():
                if field.match is not None and field.where is not None:
                    self._join(type, name, field, field.where)

    def _join(self, type: str, name: str, field: Field, where: Expression) -> None:
        expressions = self._expressions
        assert field.match is not None
        scope = {**expressions.fields[type], ITEM: expressions.types[field.match]}
        written = expressions.parse(where, type, {})
        if written is None or expressions.program(written, scope, where.place) is None:
            return
        parts = _take_apart(written)
        moving = next((each for each in parts.both if reads_time(each)), None)
        if moving is not None:
            at = locate(where.place, moving.position.line, moving.position.column)
            hint = "Compare with the clock in a conjunct of its own, over one side only."
            expressions.problems.append(Problem("join-in-time", "this reads both sides and the clock", at, hint))
            return
        if not parts.own_keys:
            hint = "Let one conjunct say `item.FIELD = FIELD`, so that not everything is compared with everything."
            expressions.problems.append(Problem("no-join-key", f"{type}.{name} equates nothing", where.place, hint))
            return
        residual = None
        if parts.both:
            node = parts.both[0] if len(parts.both) == 1 else ast.And(tuple(parts.both))
            residual = expressions.residual(node, scope, where)
        join = Matching(slot_of(type, name, field.match), residual, where.text, where.place)
        own_key = expressions.hidden(type, _key(parts.own_keys, parts.own))
        items = [unbase(each, ITEM) for each in parts.item_keys], [unbase(each, ITEM) for each in parts.item]
        item_key = expressions.hidden(field.match, _key(*items))
        expressions.add(Matcher(type=type, join=join, key=own_key, other=field.match, item_side=False))
        expressions.add(Matcher(type=field.match, join=join, key=item_key, other=type, item_side=True))


def _take_apart(written: ast.Node) -> _Parts:
    parts = _Parts([], [], [], [], [])
    for conjunct in written.operands if isinstance(written, ast.And) else (written,):
        keys = _equality(conjunct)
        if keys is not None:
            parts.own_keys.append(keys[0])
            parts.item_keys.append(keys[1])
        elif not _reads_item(conjunct):
            parts.own.append(conjunct)
        elif _only_item(conjunct):
            parts.item.append(conjunct)
        else:
            parts.both.append(conjunct)
    return parts


def _equality(node: ast.Node) -> tuple[ast.Node, ast.Node] | None:
    match node:
        case ast.Compare("=", left, right) if not reads_time(node):
            if _only_item(left) and _only_own(right):
                return right, left
            if _only_item(right) and _only_own(left):
                return left, right
    return None


def _reads_item(node: ast.Node) -> bool:
    return ITEM in free_names(node)


def _only_own(node: ast.Node) -> bool:
    """Whether a part reads the entity's own fields and nothing of the item."""
    called = {part.function for part in ast.walk(node) if isinstance(part, ast.Call)}
    return not _reads_item(node) and any(isinstance(part, ast.Name) and part not in called for part in ast.walk(node))


def _only_item(node: ast.Node) -> bool:
    """Whether a part reads the item's own fields and nothing else."""
    bare = sum(part == ast.Name(ITEM) for part in ast.walk(node))
    paths = sum(isinstance(part, ast.Path) and part.source == ast.Name(ITEM) for part in ast.walk(node))
    called = {part.function for part in ast.walk(node) if isinstance(part, ast.Call)}
    names = {part for part in ast.walk(node) if isinstance(part, ast.Name)} - called
    return bool(paths) and bare == paths and names == {ast.Name(ITEM)}


def _key(keys: list[ast.Node], conditions: list[ast.Node]) -> ast.Node:
    """Return the key, null where one of the side's own conditions does not hold."""
    key: ast.Node = ast.ListLiteral(tuple(keys))
    for condition in reversed(conditions):
        key = ast.If(condition, key, ast.Null())
    return key


class Pair(Record):
    """What the condition of a join is evaluated on: an entity with a candidate as `item`."""

    __slots__ = ("item", "own")

    def __init__(self, own: Entity, item: Entity) -> None:
        self.own = own
        self.item = item

    def get(self, name: str, default: Value = None) -> Value:
        """Read a field of the entity, or the candidate itself."""
        return self.item if name == ITEM else self.own.get(name, default)

    def keys(self) -> list[str]:
        """Names of the fields, and `item`."""
        return [*self.own.keys(), ITEM]


class Joins:
    """The state of all joins of a session: which entities stand under which key."""

    def __init__(self) -> None:
        self._under: dict[int, dict[tuple[Value, ...], dict[Entity, None]]] = defaultdict(dict)
        self._keys: dict[int, dict[Entity, tuple[Value, ...]]] = defaultdict(dict)

    def place(self, node: Matcher, entity: Entity) -> None:
        """Let an entity stand under its key as it is at present, under none when the key is not known."""
        value = entity.values.get(node.key)
        key = tuple(value) if isinstance(value, list) and None not in value else None
        old = self._keys[node.index].get(entity)
        if old == key:
            return
        if old is not None:
            del self._under[node.index][old][entity]
            del self._keys[node.index][entity]
        if key is not None:
            self._under[node.index].setdefault(key, {})[entity] = None
            self._keys[node.index][entity] = key

    def found(self, node: Matcher, other: Matcher, entity: Entity, env: Env) -> dict[Entity, None]:
        """Return those of the other side that stand under the entity's key and belong to it."""
        key = self._keys[node.index].get(entity)
        under = () if key is None else list(self._under[other.index].get(key, ()))
        pairs = ((each, (each, entity) if node.item_side else (entity, each)) for each in under)
        return {each: None for each, pair in pairs if _matches(node.join.residual, *pair, env)}

    def forget(self, entity: Entity) -> None:
        """Take an entity out of every index."""
        for index, keys in self._keys.items():
            key = keys.pop(entity, None)
            if key is not None:
                del self._under[index][key][entity]


def _matches(residual: Compiled | None, own: Entity, item: Entity, env: Env) -> bool:
    """Whether a pair under one key belongs together; what is unresolved does not."""
    if residual is None:
        return True
    try:
        return residual.program.run(Pair(own, item), env) is True
    except Unresolved:
        return False
    finally:
        env.faults.clear()


def paired(entity: Entity, slot: tuple[str, str]) -> dict[Entity, None]:
    """Return the partners of an entity in one direction of a join, to read or to change."""
    entity.matches = entity.matches if entity.matches is not None else {}
    return entity.matches.setdefault(slot, {})


def slots(node: Matcher) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the slot under which this side keeps its partners, and that of the partners."""
    forward = node.join.slot
    return (partner(forward), forward) if node.item_side else (forward, partner(forward))


def removed(entity: Entity) -> Iterator[tuple[tuple[str, str], Entity]]:
    """Yield the (slot, partner) pairs that end with an entity."""
    for slot, partners in (entity.matches or {}).items():
        for other in tuple(partners):
            yield slot, other
