"""Choosing which of many rules to look at: those that the subject may meet, and those that were not false.

A condition `segment = "retail" and amount > 500` can only be true where `segment` is "retail", so it stands in a table
under that value, and there among the intervals of `amount`; ten or ten thousand rules cost the same for a subject that
meets a few.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from engine.feel import Value
from engine.inference.intervals import Axis, Bound, bounds
from engine.inference.nodes import Condition, Node
from engine.inference.state import Entity

Key = tuple[object, ...]

_FEW = 4
"""So many conditions are evaluated sooner than searched."""
_BLOCK = 1024
"""A bucket is searched in blocks of so many, which bounds an axis' memory to the square of it."""


class Block:
    """Conditions with the same equalities, and the axes that tell which of them a subject can meet."""

    __slots__ = ("axes", "conditions")

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.conditions = conditions
        self.axes = _axes(conditions) if len(conditions) > _FEW else ()

    def meeting(self, values: Mapping[str, Value]) -> Sequence[Condition]:
        """Return the conditions that values may meet."""
        if not self.axes:
            return self.conditions
        left = -1
        for axis in self.axes:
            left &= axis.containing(values.get(axis.field))
        found = []
        while left:
            lowest = left & -left
            found.append(self.conditions[lowest.bit_length() - 1])
            left ^= lowest
        return found


def _axes(conditions: Sequence[Condition]) -> tuple[Axis, ...]:
    limits: dict[str, list[list[Bound]]] = {}
    for position, condition in enumerate(conditions):
        for bound in bounds(condition.when.lowered):
            limits.setdefault(bound.field, [[] for _ in conditions])[position].append(bound)
    return tuple(Axis(field, given) for field, given in limits.items())


class Selector(Node):
    """The indexed conditions of one entity type and rank."""

    __slots__ = ("conditions", "fields", "groups")

    def __init__(self, type: str, rank: int, index: int, conditions: Iterable[Condition]) -> None:
        super().__init__(type=type, index=index, rank=rank)
        self.conditions = {condition.index: condition for condition in conditions}
        self.fields = frozenset(field for condition in self.conditions.values() for field in condition.own)
        tables: dict[tuple[str, ...], dict[Key, list[Condition]]] = defaultdict(lambda: defaultdict(list))
        for condition in self.conditions.values():
            names = tuple(sorted(condition.equals))
            for key in product(*(condition.equals[name] for name in names)):
                tables[names][key].append(condition)
        self.groups = tuple(
            (names, {key: _blocks(found) for key, found in table.items()}) for names, table in tables.items()
        )

    def candidates(self, entity: Entity, changed: set[str] | None) -> Iterable[Condition]:
        """Return the conditions that may be true or were not false, as far as they read what changed (None: all)."""
        values = entity.values
        found: dict[int, Condition] = {}
        for names, table in self.groups:
            for block in table.get(tuple([values.get(name) for name in names]), ()):
                for condition in block.meeting(values):
                    found[condition.index] = condition
        for index in entity.truths:
            standing: Any = self.conditions.get(index)
            if standing is not None:
                found[index] = standing
        if changed is None:
            return found.values()
        return [condition for condition in found.values() if not condition.own.isdisjoint(changed)]


def _blocks(conditions: Sequence[Condition]) -> tuple[Block, ...]:
    return tuple(Block(conditions[start : start + _BLOCK]) for start in range(0, len(conditions), _BLOCK))
