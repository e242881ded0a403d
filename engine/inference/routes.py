"""Where a change leads: for each field what looks again, and for each new entity what is computed of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace

from engine.inference.intervals import bounds
from engine.inference.network import Network, Read
from engine.inference.nodes import Aggregated, Condition, Effect, Node, Readers, Slot
from engine.inference.select import Selector
from engine.model.structs import EntityType, Model


class Routes:
    """Readers by type and field; the nodes of each type; the aggregates over each reference."""

    def __init__(self, network: Network, model: Model) -> None:
        self.readers: dict[str, dict[str, Readers]] = {type: {} for type in model.entities}
        self.by_type: dict[str, list[Node]] = {type: [] for type in model.entities}
        self.totals: dict[str, list[Aggregated]] = {type: [] for type in model.entities}
        self.members: dict[Slot, list[Aggregated]] = defaultdict(list)
        self.timed = frozenset(node.index for node in network.nodes if network.flips(node))
        conditions = (node for node in network.nodes if isinstance(node, Condition))
        self.indexed = frozenset(
            node.index
            for node in conditions
            if _indexable(node, model.entities[node.type]) and node.index not in network.converting
        )
        indexed = self.indexed
        self._readers(network.effects, indexed)
        self.nodes = [*network.nodes]
        self.nodes += self._select(network, indexed)

    def _readers(self, effects: Mapping[str, Mapping[str, tuple[Effect, ...]]], indexed: frozenset[int]) -> None:
        for type, fields in effects.items():
            for field, found in fields.items():
                readers = self.readers[type].setdefault(field, Readers())
                near = [effect.node for effect in found if not effect.hops]
                far = [effect for effect in found if effect.hops]
                readers.own = tuple(
                    node for node in near if node.index not in indexed and not isinstance(node, Aggregated)
                )
                readers.totals = tuple(effect.node for effect in far if isinstance(effect.node, Aggregated))
                readers.far = tuple(effect for effect in far if not isinstance(effect.node, Aggregated))

    def changed(
        self, before: Network, after: Network, model: Model, gone: Sequence[Condition], added: Sequence[Node]
    ) -> "Routes":
        """Return the routes with other conditions, and what they need."""
        other = copy(self)
        other.readers = {type: dict(fields) for type, fields in self.readers.items()}
        other.by_type, other.totals, other.members = dict(self.by_type), dict(self.totals), self.members.copy()
        conditions = [node for node in added if isinstance(node, Condition)]
        left = {node.index for node in gone}
        new = {node.index for node in conditions if _indexable(node, model.entities[node.type])}
        other.timed = self.timed - left | {node.index for node in added if after.flips(node)}
        other.indexed = self.indexed - left | new
        other.nodes = after.nodes
        for node in gone:
            other.unlink(node, before.reads[node.index])
        for each in added:
            other.link(each, after.reads[each.index])
        groups: dict[tuple[str, int], tuple[list[Condition], list[Condition]]] = defaultdict(lambda: ([], []))
        for node in gone:
            if node.index in self.indexed:
                groups[node.type, node.rank][0].append(node)
        for node in conditions:
            if node.index in new:
                groups[node.type, node.rank][1].append(node)
        for (type, rank), changes in groups.items():
            other.reselect(type, rank, *changes)
        return other

    def unlink(self, node: Condition, reads: Iterable[Read]) -> None:
        """Let nothing lead to a condition any more."""
        fields = self.readers
        for type, field in {read.slot for read in reads}:
            old = fields[type][field]
            fields[type][field] = replace(
                old, own=tuple(each for each in old.own if each is not node),
                far=tuple(each for each in old.far if each.node is not node),
            )  # fmt: skip
        if node.index not in self.indexed:
            self.by_type[node.type] = [each for each in self.by_type[node.type] if each is not node]

    def link(self, node: Node, reads: Iterable[Read]) -> None:
        """Let what a new node reads lead to it."""
        if isinstance(node, Aggregated):
            self._count(node, reads)
            return
        indexed = node.index in self.indexed
        for read in reads:
            type, field = read.slot
            old = self.readers[type].get(field, Readers())
            if read.hops:
                self.readers[type][field] = replace(old, far=(*old.far, Effect(read.hops, node)))
            elif not indexed:
                self.readers[type][field] = replace(old, own=(*old.own, node))
        if isinstance(node, Condition) and indexed:
            node.own = frozenset(read.slot[1] for read in reads if not read.hops)
        else:
            self.by_type[node.type] = [*self.by_type[node.type], node]

    def _count(self, node: Aggregated, reads: Iterable[Read]) -> None:
        self.members[node.slot] = [*self.members.get(node.slot, ()), node]
        self.totals[node.type] = [*self.totals[node.type], node]
        for type, field in (read.slot for read in reads if read.hops):
            old = self.readers[type].get(field, Readers())
            self.readers[type][field] = replace(old, totals=(*old.totals, node))

    def reselect(self, type: str, rank: int, gone: Sequence[Condition], added: Sequence[Condition]) -> None:
        """Put a selector in another's place that knows other conditions."""
        old = next((each for each in self.by_type[type] if isinstance(each, Selector) and each.rank == rank), None)
        selector = Selector(type, rank, len(self.nodes), added) if old is None else old.changed(gone, added)
        if old is None:
            self.nodes.append(selector)
        else:
            self.nodes[old.index] = selector
        self.by_type[type] = [*(each for each in self.by_type[type] if each is not old), selector]
        for field in selector.fields:
            readers = self.readers[type].get(field, Readers())
            others = tuple(each for each in readers.selectors if each is not old)
            self.readers[type][field] = replace(readers, selectors=(*others, selector))

    def _select(self, network: Network, indexed: frozenset[int]) -> Iterable[Selector]:
        groups: dict[tuple[str, int], list[Condition]] = defaultdict(list)
        for node in network.nodes:
            if isinstance(node, Aggregated):
                self.members[node.slot].append(node)
                self.totals[node.type].append(node)
            elif isinstance(node, Condition) and node.index in indexed:
                node.own = frozenset(read.slot[1] for read in network.reads[node.index] if not read.hops)
                groups[node.type, node.rank].append(node)
            else:
                self.by_type[node.type].append(node)
        for number, ((type, rank), conditions) in enumerate(groups.items()):
            selector = Selector(type, rank, len(network.nodes) + number, conditions)
            self.by_type[type].append(selector)
            for field in selector.fields:
                readers = self.readers[type].setdefault(field, Readers())
                readers.selectors = (*readers.selectors, selector)
            yield selector


def _indexable(condition: Condition, entity: EntityType) -> bool:
    """Whether a missed equality or bound settles a condition: it is not true then, whatever else it reads."""
    plain = {
        name
        for name, field in entity.fields.items()
        if field.type in {"text", "number"} and field.derived is None and field.concluded is None
    }
    condition.equals = {name: values for name, values in condition.equals.items() if name in plain}
    return not condition.action and bool(condition.equals or bounds(condition.when.lowered))
