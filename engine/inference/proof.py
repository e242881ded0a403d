"""Why: the tree from a decision through rules and computed fields down to what the sources said."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

from engine.events import Proof, Source
from engine.feel import Money, Value
from engine.inference.conclude import contributions
from engine.inference.nodes import Aggregated, Compiled, Concluded, Condition, Derived
from engine.inference.rulebook import Rulebook, expressions
from engine.inference.settle import Settler
from engine.inference.state import Entity, Link, Part, Unknown
from engine.inference.truth import definite
from engine.model.conversion import converts

_ITEMS: Final = 5
_DEPTH: Final = 12
_ATOMS: Final = frozenset({Decimal, str, bool, type(None), date, Money})


class Prover:
    """Builds proof trees over the state as it is."""

    def __init__(self, settler: Settler) -> None:
        self.settler = settler
        self.rulebook = settler.rulebook
        self._computed = self.rulebook.network.writers.keys() | self.rulebook.virtual.keys()
        self._converting = _converting(self.rulebook)
        self._texts: dict[str, str] = {}
        self._leaves: dict[tuple[Entity, tuple[str, ...]], tuple[Proof, ...]] | None = None
        self._given: dict[int, tuple[str, ...] | None] = {}
        self._paths: dict[frozenset[tuple[str, ...]], list[tuple[str, ...]]] = {}

    def condition(self, condition: Condition, entity: Entity, depth: int = 0) -> Proof:
        """Prove that a condition stands as it does."""
        truth = definite(entity.truths.get(condition.index, False))
        return Proof(
            kind="rule",
            path=entity.ref,
            value=truth,
            text=condition.when.text.strip(),
            rule=condition.name,
            reasons=self._reasons(condition.when, entity, depth + 1),
        )

    def _reasons(self, compiled: Compiled, entity: Entity, depth: int) -> tuple[Proof, ...]:
        """Prove what an expression reads; most read nothing but fields that one record gives."""
        names = self._given.get(id(compiled), ())
        if names == ():
            names = self._given[id(compiled)] = self._all_given(compiled, entity.type)
        if names is None or len(entity.parts) != 1 or depth > _DEPTH:
            return tuple(self._expression(compiled, entity, depth))
        known = None if self._leaves is None else self._leaves.get((entity, names))
        if known is not None:
            return known
        part, start, values = entity.parts[0], entity.ref + ".", entity.values
        source = Source(part.record, part.version, part.valid_at, part.recorded_at)
        told = {name for name, value in zip(part.names, part.row, strict=True) if value is not None}
        found = tuple([
            Proof("field", start + name, plain(values.get(name)), "", source if name in told else None)
            for name in names
        ])  # fmt: skip
        if self._leaves is not None:
            self._leaves[entity, names] = found
        return found

    def begin(self) -> None:
        """Prove the state as it is now: rules that read the same fields share their leaves until the next."""
        self._leaves = {}

    def _all_given(self, compiled: Compiled, type: str) -> tuple[str, ...] | None:
        """Return the fields that an expression reads when sources give all of them and it reads nothing else."""
        names = tuple(path[0] for path in maximal(compiled.program.reads) if len(path) == 1)
        given = self.rulebook.model.entities[type].fields
        plainly = all(name in given and not given[name].ref and (type, name) not in self._computed for name in names)
        alone = len(names) == len(maximal(compiled.program.reads)) and compiled.program.time == "none"
        alone = alone and id(compiled) not in self._converting
        return names if names and plainly and alone else None

    def field(self, entity: Entity, name: str, depth: int = 0) -> Proof:
        """Prove a field's value: given by a source, derived, concluded or counted."""
        path = f"{entity.ref}.{name}"
        value = plain(entity.values.get(name))
        if (entity.type, name) not in self._computed and depth <= _DEPTH:
            return Proof(kind="field", path=path, value=value, source=provenance(entity, name))
        writers = self.rulebook.network.writers.get((entity.type, name), ())
        writer = writers[0] if writers else None
        if depth > _DEPTH:
            return Proof(kind="field", path=path, value=value, omitted=1)
        match writer:
            case Derived(compiled=compiled):
                return Proof(
                    kind="derived",
                    path=_shown(path, compiled),
                    value=value,
                    text=compiled.text.strip(),
                    reasons=self._reasons(compiled, entity, depth + 1),
                )
            case Aggregated():
                return self._aggregate(writer, entity, name, depth)
            case Concluded():
                return Proof(
                    kind="concluded", path=path, value=value, reasons=tuple(self._conclusions(entity, name, depth))
                )
        if (virtual := self.rulebook.virtual.get((entity.type, name))) is not None:
            value = plain(self.settler.compute(virtual, entity))
            return Proof(
                kind="derived",
                path=path,
                value=value,
                text=virtual.text.strip(),
                reasons=tuple(self._expression(virtual, entity, depth + 1)),
            )
        return Proof(kind="field", path=path, value=value, source=provenance(entity, name))

    def _conclusions(self, entity: Entity, name: str, depth: int) -> Iterator[Proof]:
        given = contributions(self.rulebook.literals, self.rulebook.concluded[entity.type, name], entity)
        nodes = (self.rulebook.nodes[index] for index in given)
        conditions = [node for node in nodes if isinstance(node, Condition)]
        for condition in sorted(conditions, key=lambda each: each.name):
            yield self.condition(condition, entity, depth + 1)

    def _aggregate(self, node: Aggregated, entity: Entity, name: str, depth: int) -> Proof:
        totals = self.settler.totals[node.index].get(entity)
        function = next(function for function, field in node.outputs.items() if field == name)
        items = (
            []
            if totals is None
            else [item for item, value in totals.items.items() if function != "some" or value is True]
        )
        items.sort(key=lambda item: item.id)
        reasons = tuple(self._item(node, item, depth + 1) for item in items[:_ITEMS])
        return Proof(
            kind="aggregate",
            path=entity.ref,
            value=plain(entity.values.get(name)),
            text=node.said(function),
            reasons=reasons,
            omitted=max(0, len(items) - _ITEMS),
        )

    def _item(self, node: Aggregated, item: Entity, depth: int) -> Proof:
        label = self.rulebook.model.entities[item.type].label
        reasons = [self.field(item, field, depth + 1) for field in (node.where, node.value) if field is not None]
        return Proof(
            kind="item",
            path=item.ref,
            value=plain(item.values.get(label)) if label else item.id,
            reasons=tuple(reasons),
        )

    def _expression(self, compiled: Compiled, entity: Entity, depth: int) -> Iterator[Proof]:
        reads = compiled.program.reads
        paths = self._paths.get(reads)
        if paths is None:
            paths = self._paths[reads] = sorted(maximal(reads), key=self._said)
        for path in paths:
            yield from self._path(entity, path, depth)
        if id(compiled) in self._converting:
            yield from self._rates(compiled, entity)
        if compiled.program.time != "none":
            env = self.settler.env
            yield Proof(
                kind="time",
                path=compiled.program.time,
                value=env.today if compiled.program.time == "today" else env.now,
            )

    def _said(self, path: tuple[str, ...]) -> list[str]:
        """Order by what a person wrote: the number of a hidden field tells in which order rules were compiled."""
        return [self._hidden().get(name, name) if name[0] == "#" else name for name in path]

    def _hidden(self) -> dict[str, str]:
        if not self._texts:
            for node in self.rulebook.network.nodes:
                if isinstance(node, Aggregated):
                    self._texts |= {name: f"#{node.said(function)}" for function, name in node.outputs.items()}
                elif isinstance(node, Derived) and node.field[0] == "#":
                    self._texts[node.field] = f"#{node.compiled.text}"
        return self._texts

    def _rates(self, compiled: Compiled, entity: Entity) -> Iterator[Proof]:
        """Name the rates that an expression takes: it is looked at once more, and they are as they were."""
        self.settler.rates.begin()
        self.settler.compute(compiled, entity)
        for rate in self.settler.rates.used:
            held, field = self.settler.state.find(rate.ref), self.rulebook.network.rated
            source = provenance(held, field.rate) if held is not None and field is not None else None
            text = f"1 {rate.pair[0]} is {rate.value:f} {rate.pair[1]} from {rate.on.isoformat()} on"
            yield Proof(kind="rate", path=rate.ref, value=rate.value, text=text, source=source)

    def _path(self, entity: Entity, path: tuple[str, ...], depth: int) -> Iterator[Proof]:
        name, rest = path[0], path[1:]
        value = entity.values.get(name)
        if isinstance(value, Link):
            if rest and value.entity is not None:
                yield from self._path(value.entity, rest, depth)
            else:
                yield Proof(kind="field", path=f"{entity.ref}.{name}", value=value.key, source=provenance(entity, name))
        elif name in entity.collections:
            members = sorted(entity.members(entity.collections[name]), key=lambda item: item.id)
            for item in members[:_ITEMS]:
                if rest:
                    yield from self._path(item, rest, depth)
            if len(members) > _ITEMS:
                yield Proof(kind="item", path=f"{entity.ref}.{name}", value=len(members), omitted=len(members) - _ITEMS)
        else:
            yield self.field(entity, name, depth)


def _converting(rulebook: Rulebook) -> frozenset[int]:
    """Return the expressions that convert money, by identity: they live as long as the rulebook."""
    found = [
        compiled
        for node in rulebook.nodes
        if node.index in rulebook.network.converting
        for compiled in expressions(node)
    ]
    found += rulebook.virtual.values()
    return frozenset(id(each) for each in found if converts(each.lowered))


def maximal(paths: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the paths that no other path continues, in order."""
    ordered = sorted(paths)
    return [
        path for i, path in enumerate(ordered) if not (i + 1 < len(ordered) and ordered[i + 1][: len(path)] == path)
    ]


def provenance(entity: Entity, name: str) -> Source | None:
    """Return the record that a given field came from."""
    for part in entity.parts if len(entity.parts) == 1 else sorted(entity.parts, key=_record):
        if part.get(name) is not None:
            return Source(part.record, part.version, part.valid_at, part.recorded_at)
    return None


def _record(part: Part) -> str:
    return part.record


def plain(value: Value) -> Any:  # noqa: ANN401  (a FEEL value without entities)
    """Turn entities and links into data: an entity becomes a context of its own plain fields."""
    if type(value) in _ATOMS:
        return value
    if isinstance(value, Entity):
        kept = {name: plain_atom(each) for name, each in value.values.items() if not name.startswith("#")}
        return {"type": value.type, **kept}
    if isinstance(value, Link):
        return value.entity.id if value.entity is not None else value.key
    if isinstance(value, Unknown):
        return None
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return value


def plain_atom(value: Value) -> Any:  # noqa: ANN401  (a FEEL value without entities)
    """Like `plain`, with entities as their ids."""
    return value.id if isinstance(value, Entity) else plain(value)


def _shown(path: str, compiled: Compiled) -> str:
    owner, _, name = path.rpartition(".")
    return f"{owner}: {compiled.text.strip()}" if name.startswith("#") else path
