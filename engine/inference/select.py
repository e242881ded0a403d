"""Choosing which of many rules to look at: those that the subject may meet, and those that were not false.

A condition `segment = "retail" and amount > 500` can only be true where `segment` is "retail", so it stands in a table
under that value, and there among the intervals of `amount`; ten or ten thousand rules cost the same for a subject that
meets a few.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

from engine.feel import ast
from engine.inference.intervals import Axis, Bound, bounded, bounds, number_of
from engine.inference.nodes import Condition, Node
from engine.inference.state import Entity

Key = tuple[object, ...]
Found = list[Condition]

_BLOCK = 1024
"""A bucket is searched in blocks of so many, which bounds an axis' memory to the square of it."""


class Block:
    """Conditions with the same equalities, and the axes that tell which of them a subject can meet.

    `decided` are those of which equalities and axes say all, so that meeting them is being true.
    """

    __slots__ = ("axes", "conditions", "decided")

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.conditions = conditions
        self.axes = _axes(conditions)
        self.decided = sum(1 << position for position, condition in enumerate(conditions) if _decided(condition))

    def meeting(self, values: dict[str, Any], true: Found, possible: Found) -> None:
        """Add the conditions that values meet, and those that they may meet."""
        left, decided = (1 << len(self.conditions)) - 1, self.decided
        for axis in self.axes:
            number = number_of(values.get(axis.field))
            if number is None:
                decided = 0
            else:
                left &= axis.containing(number)
        while left:
            lowest = left & -left
            condition = self.conditions[lowest.bit_length() - 1]
            (true if lowest & decided else possible).append(condition)
            left ^= lowest


def _axes(conditions: Sequence[Condition]) -> tuple[Axis, ...]:
    limits: dict[str, list[list[Bound]]] = {}
    for position, condition in enumerate(conditions):
        for bound in bounds(condition.when.lowered):
            if bound.field not in limits:
                limits[bound.field] = [[] for _ in conditions]
            limits[bound.field][position].append(bound)
    return tuple(Axis(field, given) for field, given in limits.items())


def _decided(condition: Condition) -> bool:
    """Whether each conjunct is a text that the condition is found by, or bounds of a number."""
    node = condition.when.lowered
    texts: set[str] = set()
    for part in node.operands if isinstance(node, ast.And) else (node,):
        match part:
            case ast.Compare("=", ast.Name(name), ast.Text()) | ast.Compare("=", ast.Text(), ast.Name(name)):
                if name in texts or name not in condition.equals:
                    return False
                texts.add(name)
            case _ if not bounded(part):
                return False
    return True


class Selector(Node):
    """The indexed conditions of one entity type and rank."""

    __slots__ = ("conditions", "fields", "groups")

    def __init__(self, type: str, rank: int, index: int, conditions: Iterable[Condition]) -> None:
        super().__init__(type=type, index=index, rank=rank)
        self.conditions = {condition.index: condition for condition in conditions}
        self.fields = frozenset(field for condition in self.conditions.values() for field in condition.own)
        tables: dict[tuple[str, ...], dict[Key, list[Condition]]] = defaultdict(lambda: defaultdict(list))
        for condition in self.conditions.values():
            for names, key in _keys(condition):
                tables[names][key].append(condition)
        self.groups = tuple(
            (names, {key: _blocks(found) for key, found in table.items()}) for names, table in tables.items()
        )

    def changed(self, gone: Iterable[Condition], added: Iterable[Condition]) -> "Selector":
        """Return a selector of other conditions in this one's place; only the buckets that they stand in are made."""
        other = Selector(self.type, self.rank, self.index, ())
        left = {condition.index for condition in gone}
        other.conditions = {index: each for index, each in self.conditions.items() if index not in left}
        other.conditions |= {condition.index: condition for condition in added}
        other.fields = self.fields.union(*(condition.own for condition in added))
        touched: dict[tuple[str, ...], dict[Key, list[Condition]]] = defaultdict(dict)
        for condition in gone:
            for names, key in _keys(condition):
                touched[names].setdefault(key, [])
        for condition in added:
            for names, key in _keys(condition):
                touched[names].setdefault(key, []).append(condition)
        tables = {names: dict(table) for names, table in self.groups}
        for names, keys in touched.items():
            table = tables.setdefault(names, {})
            for key, new in keys.items():
                kept = [each for block in table.pop(key, ()) for each in block.conditions if each.index not in left]
                if kept or new:
                    table[key] = _blocks(kept + new)
        other.groups = tuple(tables.items())
        return other

    def candidates(self, entity: Entity, changed: set[str] | None) -> tuple[Found, Found]:
        """Return those that are true, and those that may be or were not false, as far as they read what changed."""
        true, possible = self.meeting(entity.values)
        if entity.truths:
            met = {condition.index for condition in (*true, *possible)}
            stood = (self.conditions.get(index) for index in entity.truths if index not in met)
            possible += [condition for condition in stood if condition is not None]
        return _reading(true, changed), _reading(possible, changed)

    def meeting(self, values: dict[str, Any]) -> tuple[Found, Found]:
        """Return those that are true of given values, and those that may be."""
        true: Found = []
        possible: Found = []
        for names, table in self.groups:
            for block in table.get(tuple([values.get(name) for name in names]), ()):
                block.meeting(values, true, possible)
        return true, possible


def _keys(condition: Condition) -> Iterable[tuple[tuple[str, ...], Key]]:
    """Yield where a condition stands: under the names of its equalities, by their values."""
    names = tuple(sorted(condition.equals))
    return ((names, key) for key in product(*(condition.equals[name] for name in names)))


def _reading(found: Found, changed: set[str] | None) -> Found:
    if changed is None or not found:
        return found
    return [condition for condition in found if not condition.own.isdisjoint(changed)]


def _blocks(conditions: Sequence[Condition]) -> tuple[Block, ...]:
    return tuple(Block(conditions[start : start + _BLOCK]) for start in range(0, len(conditions), _BLOCK))
