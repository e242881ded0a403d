"""Which rules can decide otherwise under another revision, and the smallest home that still decides alike for them.

A rule is a function of its slice: what it says, the fields it reads, the tables it calls, and the rules that those
follow from. Rules of the same slice decide the same, so a comparison leaves them out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

import msgspec

from engine.feel import ast
from engine.inference.nodes import Act, Compiled, Condition, Derived, Matcher, Slot
from engine.inference.rulebook import Rulebook
from engine.model.conversion import converts
from engine.model.structs import EntityType, Field, Model
from engine.model.types import ACTION, partner, slot_of
from engine.rules import Home
from engine.rules.structs import Rule, Ruleset, full_name
from engine.source.expression import Expression
from evals.diff.called import Tables
from evals.diff.semantic import bare, rules_of


@dataclass(frozen=True, slots=True)
class Slice:
    """What one rule depends on: fields, the tables called for it, and rules.

    These conclude its fields, replace it, or have actions that it looks at.
    """

    slots: frozenset[Slot]
    rules: frozenset[str]
    tables: frozenset[str] = frozenset()


class Slices:
    """The slices of a home's rules."""

    def __init__(self, home: Home, rulebook: Rulebook) -> None:
        self.home = home
        self.rulebook = rulebook
        self.rules = rules_of(home)
        self.tables = Tables(home)
        self._conditions: dict[str, list[Condition]] = {name: [] for name in self.rules}
        for node in rulebook.nodes:
            if isinstance(node, Condition):
                self._conditions[node.name].append(node)
        self._acts: dict[str, list[Act]] = {name: [] for name in self.rules}
        for act in rulebook.acts:
            self._acts[act.condition.name].append(act)
        self._derived = {(node.type, node.field): node.compiled for node in rulebook.nodes if isinstance(node, Derived)}
        self._derived |= rulebook.virtual
        inverses = (names.items() for names in rulebook.collections.values())
        self._collections = frozenset(name for each in inverses for name, slot in each if slot[0] == ACTION)
        self._joins = dict(_joins(rulebook))
        self._found: dict[str, Slice] = {}

    def of(self, name: str) -> Slice:
        """Return the slice of `ruleset/rule`."""
        if name not in self._found:
            self._found[name] = self._close(name, paid=True)
        return self._found[name]

    def drafting(self, name: str, texts: Iterable[Expression]) -> Slice:
        """Return the slice of `ruleset/rule` with what expressions over its subject read besides."""
        type = self.rules[name].for_
        return self._close(name, paid=True, more=[(type, self.rulebook.adhoc(type, each.text)) for each in texts])

    def worded(self, type: str, texts: Iterable[Expression]) -> Slice:
        """Return what expressions over a type depend on by themselves, e.g. the slots of a letter."""
        return self._closed([], [(type, self.rulebook.adhoc(type, each.text)) for each in texts])

    def given(self, name: str) -> frozenset[Slot]:
        """Return the fields that a rule's condition follows from and that only a source can tell."""
        slots = self._close(name, paid=False).slots if name in self.rules else frozenset()
        fields = ((slot, self._declared(slot)) for slot in slots if slot[0] != ACTION)
        return frozenset(slot for slot, field in fields if field and field.derived is None and field.concluded is None)

    def proposes(self, name: str) -> bool:
        """Whether the rule is there and has an action."""
        return name in self.rules and bool(self.rules[name].do)

    def signature(self, name: str) -> object:
        """Return all that a rule's decisions follow from, comparable between revisions."""
        found = self.of(name)
        fields = {slot: bare(field) for slot in found.slots if (field := self._declared(slot)) is not None}
        rules = {each: (bare(self.rules[each]), self._leaving(self.rules[each])) for each in found.rules}
        tables = {each: bare(self.tables.by_name[each]) for each in found.tables}
        settings = self.rulebook.settings
        told = (settings.sources, settings.tellers, settings.stale_after)
        return rules, fields, tables, str(settings.zone), settings.holidays, told

    def sliced(self, names: Iterable[str]) -> Home:
        """Return a home of these rules, those that they depend on, and the fields and tables that all of them use."""
        wanted = list(names)
        keep = {each for name in wanted for each in self.of(name).rules}
        slots = {slot for name in wanted for slot in self.of(name).slots}
        called = {each for name in wanted for each in self.of(name).tables}
        tables = {file: table for file, table in self.home.tables.items() if table.name in called}
        rulesets = {
            id: msgspec.structs.replace(each, rules=tuple(self._kept(each, keep, set(wanted), slots)))
            for id, each in self.home.rulesets.items()
        }
        model = _narrowed(self.home.model, slots)
        return replace(
            self.home, model=model, rulesets=rulesets, tables=tables, functions={}
        )  # made anew where it runs

    def _kept(self, ruleset: Ruleset, keep: set[str], wanted: set[str], slots: set[Slot]) -> Iterator[Rule]:
        for rule in ruleset.rules:
            name = f"{ruleset.id}/{rule.id}"
            if name not in keep:
                continue
            others = tuple(each for each in rule.instead_of if full_name(ruleset.id, each) in keep)
            read = {field: value for field, value in rule.set.items() if (rule.for_, field) in slots}
            acts = rule.do if name in wanted else tuple(msgspec.structs.replace(each, with_={}) for each in rule.do)
            yield msgspec.structs.replace(rule, because=None, instead_of=others, set=read, do=acts)

    # --- the closure ------------------------------------------------------------------------------------------

    def _close(self, name: str, *, paid: bool, more: Iterable[tuple[str, Compiled]] = ()) -> Slice:
        return self._closed([name], more, paid=name if paid else "")

    def _closed(self, names: Iterable[str], more: Iterable[tuple[str, Compiled]], *, paid: str = "") -> Slice:
        slots: set[Slot] = set()
        rules: set[str] = set()
        tables: set[str] = set()
        open_rules, expressions = list(names), list(more)
        while open_rules or expressions:
            if not expressions:
                rule = open_rules.pop()
                if rule in rules:
                    continue
                rules.add(rule)
                open_rules += self._stronger(rule)
                expressions = list(self._expressions(rule, paid=rule == paid))
            while expressions:
                type, compiled = expressions.pop()
                open_rules += self._watched(type, compiled)
                called = self.tables.called(compiled.written, compiled.lowered)
                tables |= called
                read = (*self._read(type, compiled), *self._asked(called), *self._rates(compiled))
                for slot in chain.from_iterable(map(self._with_join, read)):
                    if slot not in slots:
                        slots.add(slot)
                        open_rules += self._concluding(slot)
                        expressions += [(slot[0], self._derived[slot])] if slot in self._derived else []
        return Slice(frozenset(each for each in slots if each[1][0] != "#"), frozenset(rules), frozenset(tables))

    def _expressions(self, name: str, *, paid: bool) -> Iterator[tuple[str, Compiled]]:
        """Yield what a rule evaluates, with its actions' inputs where they are `paid` for."""
        for condition in self._conditions[name]:
            yield from ((condition.type, each) for each in (condition.when, *condition.sets.values()))
        for act in self._acts[name] if paid else ():
            for given in act.inputs.values():
                parts = (given,) if isinstance(given, Compiled) else tuple(each for _, each in given)
                yield from ((act.condition.type, each) for each in parts)

    def _read(self, type: str, compiled: Compiled) -> Iterator[Slot]:
        yield from self._along(type, (*compiled.reads, *compiled.program.reads))

    def _rates(self, compiled: Compiled) -> Iterator[Slot]:
        """Yield what tells the rates by which an expression converts money."""
        rated = self.rulebook.network.rated
        if rated is not None and any(map(converts, (compiled.written, compiled.lowered))):
            yield from ((rated.type, name) for name in rated.fields)

    def _with_join(self, slot: Slot) -> Iterator[Slot]:
        """Yield a slot, of a join's collection with the field that declares it and what both sides are matched by."""
        yield slot
        if slot in self._joins:
            declared, sides = self._joins[slot]
            yield declared
            for side in sides:
                yield from (read.slot for read in self.rulebook.network.reads[side.index])

    def _asked(self, tables: Iterable[str]) -> Iterator[Slot]:
        """Yield what the inputs of tables name, without which they cannot be compiled."""
        for name in tables:
            yield from self._along(*self.tables.read(name))

    def _along(self, type: str, paths: Iterable[tuple[str, ...]]) -> Iterator[Slot]:
        for path in paths:
            at = type
            for step in path:
                if step.startswith("#"):
                    break
                inverse = self.rulebook.collections.get(at, {}).get(step)
                yield inverse if inverse is not None else (at, step)
                field = (
                    self.rulebook.model.entities[at].fields.get(step) if at in self.rulebook.model.entities else None
                )
                target = inverse[0] if inverse is not None else field.ref if field is not None else None
                if target is None:
                    break
                at = target

    def _stronger(self, name: str) -> list[str]:
        return [
            other
            for other, rule in self.rules.items()
            if any(full_name(other.partition("/")[0], each) == name for each in rule.instead_of)
        ]

    def _concluding(self, slot: Slot) -> list[str]:
        return [name for name, rule in self.rules.items() if rule.for_ == slot[0] and slot[1] in rule.set]

    def _watched(self, type: str, compiled: Compiled) -> list[str]:
        """Return the rules whose actions an expression may look at: of some operations, or all."""
        looked = _operations(compiled.written, self._collections)
        if type == ACTION or None in looked:
            return [name for name, rule in self.rules.items() if rule.do]
        return [name for name, rule in self.rules.items() if any(each.operation in looked for each in rule.do)]

    def _declared(self, slot: Slot) -> Field | None:
        entity = self.home.model.entities.get(slot[0])
        return entity.fields.get(slot[1]) if entity else None

    def _leaving(self, rule: Rule) -> list[bool]:
        return [self.rulebook.leaves_company(each.operation) for each in rule.do]


def _joins(rulebook: Rulebook) -> Iterator[tuple[Slot, tuple[Slot, tuple[Matcher, ...]]]]:
    """Yield the two collections of each join with the field that declares it and its sides."""
    matchers = [node for node in rulebook.nodes if isinstance(node, Matcher)]
    for type, entity in rulebook.model.entities.items():
        for name, field in entity.fields.items():
            if field.match is not None:
                slot = slot_of(type, name, field.match)
                sides = tuple(node for node in matchers if node.join.slot == slot)
                yield slot, ((type, name), sides)
                yield partner(slot), ((type, name), sides)


def affected(base: Slices, head: Slices) -> frozenset[str]:
    """Return the rules, by their names in either revision, that propose and can decide otherwise."""
    former = {name: f"{name.rpartition('/')[0]}/{rule.was}" for name, rule in head.rules.items() if rule.was}
    found = {name for name in head.rules if former.get(name, name) not in base.rules or name in former}
    found |= {former[name] for name in found if name in former}
    found |= base.rules.keys() - head.rules.keys()
    both = base.rules.keys() & head.rules.keys()
    found |= {name for name in both if base.signature(name) != head.signature(name)}
    return frozenset(name for name in found if any(side.proposes(name) for side in (base, head)))


def _narrowed(model: Model, slots: set[Slot]) -> Model:
    """Return the model with the fields that are read, all references, and the currencies of money."""
    entities = {}
    for type, entity in model.entities.items():
        read = {name for name in entity.fields if (type, name) in slots}
        currencies = {entity.fields[name].currency_field for name in read}
        keep = {name: field for name, field in entity.fields.items() if name in read or name in currencies or field.ref}
        entities[type] = _entity(entity, keep)
    return msgspec.structs.replace(model, entities=entities)


def _entity(entity: EntityType, keep: dict[str, Field]) -> EntityType:
    return msgspec.structs.replace(entity, fields=keep)


def _operations(node: ast.Node, collections: frozenset[str]) -> set[str | None]:
    """Return the operations whose actions an expression looks at; None stands for any."""
    match node:
        case ast.Filter(ast.Name(name) | ast.Path(_, name), condition) if name in collections:
            parts = condition.operands if isinstance(condition, ast.And) else (condition,)
            named: set[str | None] = {operation for each in parts if (operation := _operation(each))}
            inside = set().union(*(_operations(each, collections) for each in (condition, *ast.children(node.source))))
            return inside | (named or {None})
        case ast.Name(name) | ast.Path(_, name) if name in collections:
            return {None}
    return set().union(*(_operations(each, collections) for each in ast.children(node)))


def _operation(node: ast.Node) -> str:
    """Return the operation that a comparison asks for, empty for any other node."""
    match node:
        case ast.Compare("=", ast.Name("operation"), ast.Text(operation)):
            return operation
    return ""
