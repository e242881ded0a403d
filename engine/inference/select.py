"""Choosing which of many rules to look at: those whose equality tests the subject meets, and those that hold now.

A condition `segment = "retail" and amount > 500` can only be true where `segment` is "retail", so it stands in a table
under that value; ten or ten thousand rules cost the same for a subject that meets a few.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product

from engine.inference.nodes import Condition, Node
from engine.inference.state import Entity

Key = tuple[object, ...]


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
        self.groups = tuple((names, dict(table)) for names, table in tables.items())

    def candidates(self, entity: Entity, changed: set[str] | None) -> Iterator[Condition]:
        """Yield the conditions that may be true or were not false, as far as they read what changed (None: all)."""
        values = entity.values
        seen: set[int] = set()
        for names, table in self.groups:
            for condition in table.get(tuple(values.get(name) for name in names), ()):
                seen.add(condition.index)
                if changed is None or not condition.own.isdisjoint(changed):
                    yield condition
        for index in tuple(entity.truths):
            standing = self.conditions.get(index)
            if standing is not None and index not in seen and (changed is None or not standing.own.isdisjoint(changed)):
                yield standing
