"""The graph of who reads what: the order of evaluation, and what must look again when a field changes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

from engine.feel import ast
from engine.inference.compiler import Compilation
from engine.inference.joins import slots
from engine.inference.nodes import (
    Aggregated,
    Compiled,
    Concluded,
    Condition,
    Derived,
    Effect,
    Hop,
    Matcher,
    Node,
    Rated,
    Slot,
)
from engine.inference.scope import ITEM
from engine.model.conversion import converts
from engine.model.types import joined, partner
from engine.source.problem import Place, Problem

EXISTS = "*"
"""Stands for an entity's being there at all; wakes those who refer to it."""


@dataclass(frozen=True, slots=True)
class Read:
    """One slot that a node reads, the way back from it, and whether that way leads over an acyclic reference."""

    slot: Slot
    hops: tuple[Hop, ...]
    recursive: bool


class Network:
    """Nodes in order, and the effects of each slot."""

    def __init__(self, compilation: Compilation) -> None:
        self.compilation = compilation
        self.nodes = compilation.nodes
        self.collections = compilation.collections
        self.names = {slot: name for names in self.collections.values() for name, slot in names.items()}
        self.reads = {node.index: tuple(self.reads_of(node)) for node in self.nodes}
        self.writers = dict(self._writers())
        self.rated = next((node for node in self.nodes if isinstance(node, Rated)), None)
        self.converting = frozenset(node.index for node in self.nodes if converts_in(node))
        self.problems: list[Problem] = []
        self._rank()
        self.effects = self._effects()

    def changed(self, compilation: Compilation, gone: Iterable[Condition], added: Iterable[Node]) -> "Network":
        """Return the network with other conditions, and what they need; what they set keeps its rank."""
        other = copy(self)
        other.compilation, other.nodes, other.problems = compilation, compilation.nodes, []
        other.reads, other.writers = dict(self.reads), dict(self.writers)
        for old in gone:
            del other.reads[old.index]
        for node in added:
            other.reads[node.index] = tuple(other.reads_of(node))
            node.rank = 1 + max((writer.rank for writer, _ in other.inputs(node)), default=-1)
            for slot in self._written(node):
                other.writers[slot] = [*other.writers.get(slot, ()), node]
        return other

    def _writers(self) -> Iterator[tuple[Slot, list[Node]]]:
        found: dict[Slot, list[Node]] = defaultdict(list)
        for node in self.nodes:
            for slot in self._written(node):
                found[slot].append(node)
        return iter(found.items())

    def _written(self, node: Node) -> Iterator[Slot]:
        match node:
            case Derived(type=type, field=field) | Concluded(type=type, field=field):
                yield type, field
            case Aggregated(type=type, outputs=outputs):
                yield from ((type, field) for field in outputs.values())
            case Matcher():
                yield from ((slot[0], self.names[partner(slot)]) for slot in slots(node))

    def _matcher_reads(self, node: Matcher) -> Iterator[Read]:
        yield Read((node.type, node.key), (), recursive=False)
        for path in sorted(node.join.residual.program.reads if node.join.residual else ()):
            if (path[0] == ITEM) == node.item_side and path != (ITEM,):
                yield from self._steps(node.type, path[1:] if node.item_side else path)

    def reads_of(self, node: Node) -> Iterator[Read]:
        """Yield what a node reads, each once."""
        if isinstance(node, Matcher):
            yield from self._matcher_reads(node)
            return
        if isinstance(node, Rated):
            yield from (Read((node.type, name), (), recursive=False) for name in node.fields)
            return
        if isinstance(node, Aggregated):
            yield Read((node.type, node.collection), (), recursive=False)
            recursive = self._acyclic(node.slot)
            for field in (node.where, node.value):
                if field is not None:
                    yield Read((node.slot[0], field), (("target", node.slot),), recursive)
            return
        seen: set[Read] = set()
        for compiled in expressions(node):
            for path in compiled.program.reads:
                for read in self._steps(node.type, path):
                    if read not in seen:
                        seen.add(read)
                        yield read

    def _steps(self, type: str, path: tuple[str, ...]) -> Iterator[Read]:
        """Yield the slots along a path with the way back from each."""
        hops: tuple[Hop, ...] = ()
        recursive = False
        for name in path:
            yield Read((type, name), hops, recursive)
            hop = self._back(type, name)
            if hop is None:
                return
            target, step = hop
            recursive = recursive or self._acyclic(step[1])
            hops = (step, *hops)
            if step[0] == "users":
                yield Read((target, EXISTS), hops, recursive)
            type = target

    def _back(self, type: str, name: str) -> tuple[str, Hop] | None:
        entity = self.compilation.model.entities.get(type)
        field = entity.fields.get(name) if entity else None
        if field is not None and field.ref:
            return field.ref, ("users", (type, name))
        slot = self.collections.get(type, {}).get(name)
        if slot is not None and joined(slot):
            return slot[0], ("users", partner(slot))
        return None if slot is None else (slot[0], ("target", slot))

    def _acyclic(self, slot: Slot) -> bool:
        return not joined(slot) and self.compilation.model.entities[slot[0]].fields[slot[1]].acyclic

    @staticmethod
    def flips(node: Node) -> bool:
        """Whether a node can change by time alone."""
        return any(compiled.flips.atoms or compiled.flips.daily for compiled in expressions(node))

    # --- order ------------------------------------------------------------------------------------------------

    def inputs(self, node: Node) -> Iterator[tuple[Node, Slot]]:
        """Yield the nodes whose results a node needs, and the slot through which."""
        for read in self.reads[node.index]:
            if not read.recursive:
                for writer in self.writers.get(read.slot, ()):
                    yield writer, read.slot
        if node.index in self.converting and self.rated is not None:
            yield self.rated, (self.rated.type, self.rated.rate)
        if isinstance(node, Concluded):
            for other in self.nodes:
                if isinstance(other, Condition) and other.type == node.type and node.field in other.sets:
                    yield other, (node.type, node.field)

    def _rank(self) -> None:
        done: dict[int, int] = {}
        path: list[tuple[Node, Slot | None]] = []
        on_path: set[int] = set()

        def visit(node: Node, through: Slot | None) -> int:
            if node.index in done:
                return done[node.index]
            path.append((node, through))
            if node.index in on_path:
                self._loop([*path])
                path.pop()
                return 0
            on_path.add(node.index)
            node.rank = 1 + max((visit(other, slot) for other, slot in self.inputs(node)), default=-1)
            on_path.discard(node.index)
            path.pop()
            done[node.index] = node.rank
            return node.rank

        for node in self.nodes:
            visit(node, None)

    def _loop(self, path: list[tuple[Node, Slot | None]]) -> None:
        last = path[-1][0]
        start = next(i for i, (node, _) in enumerate(path) if node is last)
        steps = [*around(path[start:])]
        problem = Problem(
            "loop",
            "these need each other, so none can be settled first:\n"
            + "\n".join(f"  {place}: {text}" if place.file else f"  {text}" for place, text in steps),
            next((place for place, _ in steps if place.file), Place("")),
            "Let one of them read source fields only, or declare the reference between them `acyclic: true`.",
        )
        if problem not in self.problems:
            self.problems.append(problem)

    # --- effects ----------------------------------------------------------------------------------------------

    def _effects(self) -> Mapping[str, Mapping[str, tuple[Effect, ...]]]:
        found: dict[str, dict[str, dict[Effect, None]]] = defaultdict(lambda: defaultdict(dict))
        for node in self.nodes:
            for read in self.reads[node.index]:
                type, field = read.slot
                found[type][field][Effect(read.hops, node)] = None
        return {type: {field: tuple(effects) for field, effects in fields.items()} for type, fields in found.items()}


def expressions(node: Node) -> Iterator[Compiled]:
    """Yield the compiled expressions whose value a node keeps up to date."""
    match node:
        case Derived(compiled=compiled):
            yield compiled
        case Concluded(default=default) if default is not None:
            yield default
        case Condition(when=when, sets=sets):
            yield when
            yield from sets.values()


def converts_in(node: Node) -> bool:
    """Whether a node converts money, and so waits for rates."""
    return any(map(converts, _lowered(node)))


def _lowered(node: Node) -> Iterator[ast.Node]:
    yield from (compiled.lowered for compiled in expressions(node))
    if isinstance(node, Matcher) and node.join.residual is not None:
        yield node.join.residual.lowered


def around(loop: Sequence[tuple[Node, Slot | None]]) -> Iterator[tuple[Place, str]]:
    """Yield the steps of a circle as a person would tell them: what stands in a file, not what was split off from it.

    The circle begins and ends with the same node; each comes with the slot through which the one before reads it.
    """
    nodes = [node for node, _ in loop[:-1]]
    first = next((i for i, node in enumerate(nodes) if _written(node)), 0)
    turned = [*loop[first + 1 :], *loop[1 : first + 1]]
    at, inside = nodes[first], ""
    for node, slot in turned:
        if isinstance(at, Concluded) and isinstance(node, Condition):
            yield node.sets[at.field].place, f"{describe(node)} sets {at.type}.{at.field}"
        elif not _written(node):
            inside = inside or f" in `{describe(node)}`"
            continue
        elif slot is not None:
            yield place_of(at), f"{describe(at)} reads {slot[0]}.{slot[1]}{inside}"
        at, inside = node, ""


def _written(node: Node) -> bool:
    """Whether a node stands in a file as it is."""
    return not isinstance(node, Aggregated) and not (isinstance(node, Derived) and node.field.startswith("#"))


def place_of(node: Node) -> Place:
    """Return where a node was written."""
    if isinstance(node, Matcher):
        return node.join.place
    return next((compiled.place for compiled in expressions(node)), Place(""))


def describe(node: Node) -> str:
    """Name a node as a person would."""
    match node:
        case Condition():
            return f"rule {node.name}"
        case Matcher(join=join):
            return join.text.strip()
        case Aggregated():
            return node.said(*node.outputs)
        case Rated(type=type):
            return f"the rates of {type}"
        case Derived(field=field, compiled=compiled) if field.startswith("#"):
            return compiled.text
        case Derived(type=type, field=field) | Concluded(type=type, field=field):
            return f"{type}.{field}"
    return node.type
