"""Where a change leads: for each field what looks again, and for each new entity what is computed of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.inference.intervals import bounds
from engine.inference.network import Network
from engine.inference.nodes import Aggregated, Condition, Effect, Node, Slot
from engine.inference.select import Selector
from engine.model.structs import EntityType, Model


@dataclass(slots=True)
class Readers:
    """What looks again when a field changes: of the same entity, of owners that count it, and of others far away."""

    own: tuple[Node, ...] = ()
    totals: tuple[Aggregated, ...] = ()
    far: tuple[Effect, ...] = ()
    selectors: tuple[Selector, ...] = ()


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
