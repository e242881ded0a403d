"""From model and rulesets to a network that an event can run through: a literal list of stages.

Every expression is parsed against the names of its subject, made explicit, freed of fields that change with time and of
aggregates that can be maintained, analysed for its flips, and compiled. What was split off becomes nodes of its own.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from engine.feel import FeelError, HostFunction, Program, ast, compile, parse, unparse
from engine.feel.types import BOOLEAN, NUMBER, YEARS_MONTHS, ContextType, Type
from engine.inference.aggregates import Aggregate, extract, reads_time
from engine.inference.inline import inline
from engine.inference.nodes import Act, Aggregated, Compiled, Concluded, Condition, Derived, Input, Node, Slot
from engine.inference.scope import explicit, frame_of, static_type, substitute
from engine.inference.timing import Flips, analyse
from engine.inference.types import Contexts, collections, with_actions
from engine.model.structs import Model
from engine.rules.structs import ActionSpec, Inputs, Rule, Ruleset
from engine.source.expression import Expression
from engine.source.problem import Place, Problem

_SHORT_CIRCUITS = (ast.And, ast.Or, ast.Quantified, ast.In)


@dataclass
class Compilation:
    """Everything that the stages fill; `problems` collects what is wrong, whatever stage finds it."""

    model: Model
    rulesets: tuple[Ruleset, ...]
    functions: Mapping[str, HostFunction] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    virtual: dict[Slot, Compiled] = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.model = with_actions(self.model)
        self.contexts = Contexts(self.model)
        self.collections = collections(self.model)
        self._bodies: dict[Slot, ast.Node | None] = {}
        self._aggregates: dict[tuple[str, str, ast.Node | None, ast.Node | None], Aggregated] = {}
        self._hidden: dict[tuple[str, ast.Node], str] = {}

    def run(self) -> "Compilation":
        """Run the stages in order."""
        for stage in (self.derive, self.conclude, self.rules):
            stage()
        return self

    # --- stages -----------------------------------------------------------------------------------------------

    def derive(self) -> None:
        """Compile the model's derived fields; those that change with time and are no truth values stay virtual."""
        for type, entity in self.model.entities.items():
            for name, declared in entity.fields.items():
                if declared.derived is None:
                    continue
                compiled = self.expression(declared.derived, type)
                if compiled is None:
                    continue
                if self._is_virtual((type, name)):
                    self.virtual[type, name] = compiled
                else:
                    self.add(Derived(type=type, field=name, compiled=compiled))

    def conclude(self) -> None:
        """Make a node for each field that rules may set."""
        for type, entity in self.model.entities.items():
            for name, declared in entity.fields.items():
                if declared.concluded is not None:
                    default = self.expression(declared.default, type) if declared.default else None
                    self.add(Concluded(type=type, field=name, policy=declared.concluded, default=default))

    def rules(self) -> None:
        """Compile the rules' conditions, conclusions and actions."""
        conditions: dict[tuple[str, str], Condition] = {}
        for ruleset in self.rulesets:
            for rule in ruleset.rules:
                condition = self._condition(ruleset, rule)
                if condition is not None:
                    conditions[ruleset.id, rule.id] = condition
        for (ruleset_id, _), condition in conditions.items():
            stronger = tuple(
                other
                for (other_set, _), other in conditions.items()
                if other_set == ruleset_id and condition.rule.id in other.rule.instead_of
            )
            for spec in condition.rule.do:
                self._act(condition, spec, stronger)

    # --- rules ------------------------------------------------------------------------------------------------

    def _condition(self, ruleset: Ruleset, rule: Rule) -> Condition | None:
        if rule.for_ not in self.model.entities:
            self.problems.append(
                Problem(
                    "unknown-entity", f"rule {rule.id} is for `{rule.for_}`, which the model does not have", rule.place
                )
            )
            return None
        lets = self.lets(rule)
        when = self.expression(rule.when, rule.for_, lets)
        sets = {name: self.expression(value, rule.for_, lets) for name, value in rule.set.items()}
        for name in rule.set:
            declared = self.model.entities[rule.for_].fields.get(name)
            if declared is None or declared.concluded is None:
                hint = f"Give `{name}` of {rule.for_} a `concluded:` in config/model.yaml."
                self.problems.append(
                    Problem(
                        "not-concluded",
                        f"rule {rule.id} sets `{name}`, which rules may not set",
                        rule.set[name].place,
                        hint,
                    )
                )
        if when is None or None in sets.values():
            return None
        condition = Condition(
            type=rule.for_,
            ruleset=ruleset,
            rule=rule,
            when=when,
            sets={name: value for name, value in sets.items() if value is not None},
            equals=equalities(when.lowered),
        )
        self.add(condition)
        return condition

    def _act(self, condition: Condition, spec: ActionSpec, stronger: tuple[Condition, ...]) -> None:
        lets = self.lets(condition.rule)
        life = condition
        if spec.while_ is not None:
            compiled = self.expression(spec.while_, condition.type, lets)
            if compiled is None:
                return
            life = Condition(
                type=condition.type, ruleset=condition.ruleset, rule=condition.rule, when=compiled, action=spec.id
            )
            self.add(life)
        inputs = {name: self._input(value, condition.type, lets) for name, value in spec.with_.items()}
        if all(value is not None for value in inputs.values()):
            kept = {name: value for name, value in inputs.items() if value is not None}
            self.acts.append(
                Act(index=len(self.acts), condition=condition, life=life, spec=spec, inputs=kept, stronger=stronger)
            )

    def _input(self, value: Inputs, type: str, lets: Mapping[str, ast.Node]) -> Input | None:
        if isinstance(value, Expression):
            return self.expression(value, type, lets)
        named = (
            value.items()
            if isinstance(value, dict)
            else ((each.text.strip().rsplit(".", 1)[-1], each) for each in value)
        )
        compiled = [(name, self.expression(each, type, lets)) for name, each in named]
        return (
            None
            if any(each is None for _, each in compiled)
            else tuple((name, each) for name, each in compiled if each)
        )

    def lets(self, rule: Rule) -> dict[str, ast.Node]:
        """Return the parsed `let` names of a rule, each freed of the earlier ones."""
        found: dict[str, ast.Node] = {}
        for name, value in rule.let.items():
            parsed = self.parse(value, rule.for_, found)
            if parsed is not None:
                found[name] = parsed
        return found

    # --- expressions ------------------------------------------------------------------------------------------

    def parse(self, expression: Expression, type: str, lets: Mapping[str, ast.Node]) -> ast.Node | None:
        """Parse against a subject's names and put `let` values in place; problems are collected."""
        names = {*self.contexts.fields.get(type, {}), *lets, *self.functions, *self._deep_names()}
        try:
            node = parse(expression.text, names=names)
        except FeelError as error:
            self.report(error, expression.place)
            return None
        return substitute(node, lets.get) if lets else node

    def _deep_names(self) -> Iterator[str]:
        return (name for fields in self.contexts.fields.values() for name in fields)

    def expression(
        self, expression: Expression, type: str, lets: Mapping[str, ast.Node] | None = None, *, split: bool = True
    ) -> Compiled | None:
        """Take one expression through all stages; None when it has faults. Without `split` no node is added."""
        written = self.parse(expression, type, lets or {})
        if written is None or type not in self.contexts.types:
            return None
        return self._compile(written, type, expression.text, expression.place, split=split)

    def _compile(self, written: ast.Node, type: str, text: str, place: Place, *, split: bool = True) -> Compiled | None:
        try:
            reads = self._small(written, type).reads
            node = self.lower(written, type, split=split)
            analysis = analyse(node, partial(self._is_months, type))
            if analysis.refused is not None and split:
                self.problems.append(_unanalysable(analysis.refused, place))
                return None
            program = compile(node, self.contexts.fields[type], functions=self.functions)
            atoms = tuple((self._small(atom.difference, type), atom.clock, atom.slack) for atom in analysis.atoms)
        except FeelError as error:
            self.report(error, place)
            return None
        if analysis.daily and split:
            self.notes.append(
                Problem("daily", f"`{text.strip()}` is looked at every midnight: its flips cannot be computed", place)
            )
        return Compiled(
            program, Flips(atoms, analysis.daily), self._guards(node, type), node, written, reads, text, place
        )

    def _small(self, node: ast.Node, type: str) -> Program:
        return compile(node, self.contexts.fields[type], functions=self.functions)

    def lower(self, node: ast.Node, type: str, *, split: bool = True) -> ast.Node:
        """Make names explicit, put virtual fields in place, split off aggregates."""
        frames = frame_of(self.contexts.types[type])
        node = explicit(node, frames)
        node = inline(node, frames, type, _Virtuals(self._virtual_body))
        return extract(node, frames, type, self._aggregate) if split else node

    def _is_months(self, type: str, node: ast.Node) -> bool:
        match node:
            case ast.Call(ast.Name("duration"), (ast.Text(text),)) | ast.At(text):
                return text.lstrip("-").startswith("P") and "D" not in text and "T" not in text
            case ast.Call(ast.Name("years and months duration"), _):
                return True
        return static_type(node, frame_of(self.contexts.types[type])) == YEARS_MONTHS

    def _virtual_body(self, slot: Slot) -> ast.Node | None:
        """Return the lowered body of a derived field that stays virtual, None for any other field."""
        return self._body(slot) if self._is_virtual(slot) else None

    def _is_virtual(self, slot: Slot) -> bool:
        type, name = slot
        entity = self.model.entities.get(type)
        declared = entity.fields.get(name) if entity else None
        if declared is None or declared.derived is None or self.contexts.fields[type].get(name) == BOOLEAN:
            return False
        body = self._body(slot)
        return body is not None and reads_time(body)

    def _body(self, slot: Slot) -> ast.Node | None:
        if slot not in self._bodies:
            self._bodies[slot] = None
            declared = self.model.entities[slot[0]].fields[slot[1]].derived
            assert declared is not None
            try:
                parsed = parse(
                    declared.text, names={*self.contexts.fields[slot[0]], *self._deep_names(), *self.functions}
                )
            except FeelError:
                return None
            self._bodies[slot] = self.lower(parsed, slot[0])
        return self._bodies[slot]

    def _guards(self, node: ast.Node, type: str) -> tuple[tuple[str, ...], ...]:
        """Return the reference paths that a short-circuit might skip, though they must be resolved."""
        if not any(isinstance(part, _SHORT_CIRCUITS) for part in ast.walk(node)):
            return ()
        context = self.contexts.types[type]
        found = {path for part in _always_read(node) if (path := _plain_path(part)) and _single(path, context)}
        return tuple(sorted(path for path in found if not any(other[: len(path)] == path != other for other in found)))

    # --- what is split off ------------------------------------------------------------------------------------

    def _aggregate(self, aggregate: Aggregate) -> str:
        key = (aggregate.owner, aggregate.collection, aggregate.where, aggregate.value)
        node = self._aggregates.get(key)
        if node is None:
            node = self._aggregates[key] = Aggregated(
                type=aggregate.owner,
                slot=self.collections[aggregate.owner][aggregate.collection],
                collection=aggregate.collection,
                where=self._field(aggregate.item, aggregate.where),
                value=self._field(aggregate.item, aggregate.value),
                source=_written(aggregate),
            )
            self.add(node)
        name = node.outputs.get(aggregate.function)
        if name is None:
            name = node.outputs[aggregate.function] = f"#{aggregate.function}{node.index}"
            self.contexts.fields[aggregate.owner][name] = self._result(aggregate)
        return name

    def _result(self, aggregate: Aggregate) -> Type:
        if aggregate.function in {"count", "distinct"}:
            return NUMBER
        if aggregate.function in {"some", "every", "any", "all"} or aggregate.value is None:
            return BOOLEAN
        return self._small(aggregate.value, aggregate.item).type

    def _field(self, item: str, node: ast.Node | None) -> str | None:
        """Return the item's field that holds an expression's value, a hidden one when there is none yet."""
        if node is None:
            return None
        if isinstance(node, ast.Name) and not self._is_virtual((item, node.name)):
            return node.name
        name = self._hidden.get((item, node))
        if name is None:
            compiled = self._compile(node, item, unparse(node), Place(""))
            name = self._hidden[item, node] = f"#f{len(self._hidden)}"
            if compiled is not None:
                self.contexts.fields[item][name] = compiled.program.type
                self.add(Derived(type=item, field=name, compiled=compiled))
        return name

    def add(self, node: Node) -> None:
        """Give a node its number."""
        node.index = len(self.nodes)
        self.nodes.append(node)

    def report(self, error: FeelError, place: Place) -> None:
        """Turn the faults of an expression into problems with places in the file."""
        self.problems.extend(
            Problem("feel", fault.message, locate(place, fault.line, fault.column), fault.hint)
            for fault in error.faults
        )


class _Virtuals(dict[Slot, ast.Node]):
    """Looks virtual bodies up when they are asked for."""

    def __init__(self, find: Callable[[Slot], ast.Node | None]) -> None:
        super().__init__()
        self._find = find

    def get(self, slot: Slot, default: ast.Node | None = None) -> ast.Node | None:  # type: ignore[override]
        return self._find(slot) or default


def locate(place: Place, line: int, column: int) -> Place:
    """Return the place in the file of a position inside an expression."""
    return Place(place.file, place.line + line - 1, column + (place.column - 1 if place.column else 0))


def equalities(node: ast.Node) -> dict[str, tuple[object, ...]]:
    """Return the fields that a condition compares with constants: unless one of the values is met, it is false."""
    parts = node.operands if isinstance(node, ast.And) else (node,)
    found: dict[str, tuple[object, ...]] = {}
    for part in parts:
        match part:
            case ast.Compare("=", ast.Name(name), ast.Text(value) | ast.Number(value)):
                found[name] = (value,)
            case ast.Compare("=", ast.Text(value) | ast.Number(value), ast.Name(name)):
                found[name] = (value,)
            case ast.In(ast.Name(name), tests) if all(isinstance(test, ast.Text | ast.Number) for test in tests):
                found[name] = tuple(test.value for test in tests if isinstance(test, ast.Text | ast.Number))
    return found


def _always_read(node: ast.Node) -> Iterator[ast.Node]:
    """All parts except the branches of an `if`, of which one is not read."""
    yield node
    parts = (node.condition,) if isinstance(node, ast.If) else ast.children(node)
    for part in parts:
        yield from _always_read(part)


def _plain_path(node: ast.Node) -> tuple[str, ...] | None:
    match node:
        case ast.Name(name):
            return (name,)
        case ast.Path(source, name):
            before = _plain_path(source)
            return None if before is None else (*before, name)
    return None


def _single(path: tuple[str, ...], context: ContextType) -> bool:
    """Whether a path can be unresolved by itself: it goes through references only, or ends at a field rules set."""
    for name in path[:-1]:
        found = context.fields.get(name)
        if not isinstance(found, ContextType) or not found.name:
            return False
        context = found
    last = context.fields.get(path[-1])
    return last is not None and (len(path) > 1 or isinstance(last, ContextType))


def _written(aggregate: Aggregate) -> str:
    where = f"[{unparse(aggregate.where)}]" if aggregate.where is not None else ""
    value = f".{unparse(aggregate.value)}" if isinstance(aggregate.value, ast.Name) else ""
    if aggregate.function in {"some", "every"} and aggregate.value is not None:
        return f"{aggregate.function} of {aggregate.collection}{where} satisfies {unparse(aggregate.value)}"
    return f"{aggregate.function}({aggregate.collection}{where}{value})"


def _unanalysable(node: ast.Node, place: Place) -> Problem:
    at = locate(place, node.position.line, node.position.column)
    hint = 'Compare now() with a moment shifted by a duration, `now() > last_reply + duration("P10D")`, or use today().'
    return Problem("time-not-analysable", f"when `{unparse(node)}` flips cannot be computed", at, hint)
