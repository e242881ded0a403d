"""One expression on its way to a program: parsed, made explicit, freed of what is kept elsewhere, analysed, compiled.

What is split off (filters of aggregates, aggregates) becomes nodes of its own, shared by all who ask for the same.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import count
from typing import cast

from engine.feel import FeelError, HostFunction, Program, ast, compile, parse, unparse
from engine.feel.types import BOOLEAN, NUMBER, YEARS_MONTHS, Type
from engine.inference.aggregates import FUNCTIONS, Aggregate, extract, reads_time
from engine.inference.flips import Flips
from engine.inference.inline import inline
from engine.inference.kept import Kept
from engine.inference.nodes import Aggregated, Compiled, Derived, Node, Slot
from engine.inference.scope import explicit, frame_of, static_type, substitute
from engine.inference.strict import strict
from engine.inference.timing import analyse
from engine.model.conversion import converts
from engine.model.structs import Model
from engine.model.types import ACTION, collections, context_types, with_actions
from engine.source.expression import Expression
from engine.source.problem import Place, Problem

_SAFE_TYPES = frozenset({"text", "number", "boolean", "date", "datetime", "time", "duration", "months"})


class Expressions:
    """Compiles expressions over a model's entity types; `problems` collects what is wrong with them."""

    def __init__(
        self, model: Model, functions: Mapping[str, HostFunction], before: Kept | None = None, *, ageing: bool = False
    ) -> None:
        """`ageing`: whatever a source has told may grow stale."""
        self.kept = Kept(model, before)
        self.ageing = ageing
        self.model = with_actions(model)
        self.functions = functions
        self.types = context_types(self.model)
        self.fields = {name: cast("dict[str, Type]", type.fields) for name, type in self.types.items()}
        self.collections = collections(self.model)
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self.nodes: list[Node] = []
        self.fixed = 0
        """So many of the nodes belong to the rulebook before and stay as they are."""
        self._rates = any(entity.rates is not None for entity in model.entities.values())
        self.bodies: dict[Slot, ast.Node | None] = {}
        self._aggregates: dict[tuple[str, str, ast.Node | None, ast.Node | None], Aggregated] = {}
        self._results: dict[tuple[object, str], str] = {}
        self._hidden: dict[tuple[str, ast.Node], str] = {}
        self._numbers = count()
        """Of hidden fields; rulebooks made from one another never give a number twice."""

    def parse(self, expression: Expression, type: str, lets: Mapping[str, ast.Node]) -> ast.Node | None:
        """Parse against a subject's names and put `let` values in place; problems are collected."""
        names = {*self.fields.get(type, {}), *lets, *self.functions, *self._deep_names()}
        try:
            node = parse(expression.text, names=names)
        except FeelError as error:
            self.report(error, expression.place)
            return None
        return substitute(node, lets.get) if lets else node

    def _deep_names(self) -> Iterator[str]:
        return (name for fields in self.fields.values() for name in fields)

    def expression(
        self, expression: Expression, type: str, lets: Mapping[str, ast.Node] | None = None, *, split: bool = True
    ) -> Compiled | None:
        """Take one expression through all stages; None when it has faults. Without `split` no node is added."""
        alone = split and not lets
        if alone and (known := self.kept.take(type, expression)) is not None:
            return known
        written = self.parse(expression, type, lets or {})
        if written is None or type not in self.types:
            return None
        said = len(self.nodes) + len(self.notes)
        compiled = self._compile(written, type, expression.text, expression.place, split=split)
        if alone and compiled is not None and len(self.nodes) + len(self.notes) == said:
            self.kept.offer(type, compiled, self.functions)
        return compiled

    def _compile(self, written: ast.Node, type: str, text: str, place: Place, *, split: bool = True) -> Compiled | None:
        if converts(written) and not self._rates:
            self.problems.append(_no_rates(written, place))
            return None
        try:
            direct = self._small(written, type)
            node = self.lower(written, type, split=split)
            analysis = analyse(node, partial(self._is_months, type))
            if analysis.refused is not None and split:
                self.problems.append(_unanalysable(analysis.refused, place))
                return None
            whole = strict(node, partial(self._safe, type))
            program = direct if whole == written else self._small(whole, type)
            atoms = tuple((self._small(atom.difference, type), atom.clock, atom.slack) for atom in analysis.atoms)
        except FeelError as error:
            self.report(error, place)
            return None
        if split and self._recomputes(node):
            self.notes.append(_recomputed(text, place))
        if analysis.daily and split:
            self.notes.append(
                Problem("daily", f"`{text.strip()}` is looked at every midnight: its flips cannot be computed", place)
            )
        literal = written.value if isinstance(written, ast.Text | ast.Boolean) else None
        flips = Flips(atoms, analysis.daily)
        return Compiled(program, flips, node, written, direct.reads, text, place, literal)

    def _small(self, node: ast.Node, type: str) -> Program:
        return compile(node, self.fields[type], functions=self.functions)

    def lower(self, node: ast.Node, type: str, *, split: bool = True) -> ast.Node:
        """Make names explicit, put virtual fields in place, split off aggregates."""
        frames = frame_of(self.types[type])
        node = explicit(node, frames)
        node = inline(node, frames, type, _Virtuals(self._virtual_body))
        return extract(node, frames, type, self._aggregate) if split else node

    def _recomputes(self, lowered: ast.Node) -> bool:
        """Whether an aggregate over entities could not be split off, and so is computed anew each time."""
        names = {name for each in self.collections.values() for name in each}
        for part in ast.walk(lowered):
            match part:
                case ast.Call(ast.Name(function), (items,)) if function in FUNCTIONS:
                    over: tuple[ast.Node, ...] = (items,)
                case ast.Quantified(_, bindings, _):
                    over = tuple(each.source for each in bindings)
                case _:
                    continue
            read = (each for items in over for each in ast.walk(items))
            if any(isinstance(each, ast.Name | ast.Path) and each.name in names for each in read):
                return True
        return False

    def _is_months(self, type: str, node: ast.Node) -> bool:
        match node:
            case ast.Call(ast.Name("duration"), (ast.Text(text),)) | ast.At(text):
                return text.lstrip("-").startswith("P") and "D" not in text and "T" not in text
            case ast.Call(ast.Name("years and months duration"), _):
                return True
        return static_type(node, frame_of(self.types[type])) == YEARS_MONTHS

    def _virtual_body(self, slot: Slot) -> ast.Node | None:
        """Return the lowered body of a derived field that stays virtual, None for any other field."""
        return self._body(slot) if self.is_virtual(slot) else None

    def is_virtual(self, slot: Slot) -> bool:
        """Whether a derived field changes with time alone and is no truth value, so that it is never stored."""
        type, name = slot
        entity = self.model.entities.get(type)
        declared = entity.fields.get(name) if entity else None
        if declared is None or declared.derived is None or self.fields[type].get(name) == BOOLEAN:
            return False
        body = self._body(slot)
        return body is not None and reads_time(body)

    def _body(self, slot: Slot) -> ast.Node | None:
        if slot not in self.bodies:
            self.bodies[slot] = None
            declared = self.model.entities[slot[0]].fields[slot[1]].derived
            assert declared is not None
            try:
                parsed = parse(declared.text, names={*self.fields[slot[0]], *self._deep_names(), *self.functions})
            except FeelError:
                return None
            self.bodies[slot] = self.lower(parsed, slot[0])
        return self.bodies[slot]

    def _safe(self, type: str, name: str) -> bool:
        """Whether reading a field always gives a value of its type, or null."""
        field = self.model.entities[type].fields.get(name)
        if field is None or field.max_age is not None or (self.ageing and type != ACTION):
            return False
        return field.type in _SAFE_TYPES and field.derived is None and field.concluded is None

    # --- what is split off ------------------------------------------------------------------------------------

    def _aggregate(self, aggregate: Aggregate) -> str:
        key = (aggregate.owner, aggregate.collection, aggregate.where, aggregate.value)
        name = self._results.get((key, aggregate.function))
        if name is not None:
            return name
        node = self._aggregates.get(key)
        if node is None or node.index < self.fixed:
            node = self._aggregates[key] = Aggregated(
                type=aggregate.owner,
                slot=self.collections[aggregate.owner][aggregate.collection],
                collection=aggregate.collection,
                where=self._field(aggregate.item, aggregate.where),
                value=self._field(aggregate.item, aggregate.value),
                source=_written(aggregate),
            )
            self.add(node)
        name = f"#{aggregate.function}{next(self._numbers)}"
        self._results[key, aggregate.function] = node.outputs[aggregate.function] = name
        self.fields[aggregate.owner][name] = self._result(aggregate)
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
        if isinstance(node, ast.Name) and not self.is_virtual((item, node.name)):
            return node.name
        name = self._hidden.get((item, node))
        if name is None:
            compiled = self._compile(node, item, unparse(node), Place(""))
            name = self._hidden[item, node] = f"#f{next(self._numbers)}"
            if compiled is not None:
                self.fields[item][name] = compiled.program.type
                self.add(Derived(type=item, field=name, compiled=compiled))
        return name

    def hidden(self, type: str, node: ast.Node) -> str:
        """Return a stored field of a type that holds an expression's value."""
        name = self._field(type, self.lower(node, type))
        assert name is not None
        return name

    def program(self, node: ast.Node, types: Mapping[str, Type], place: Place) -> Program | None:
        """Compile against other names than a type's fields; None when it has faults."""
        try:
            return compile(node, types, functions=self.functions)
        except FeelError as error:
            self.report(error, place)
            return None

    def residual(self, node: ast.Node, types: Mapping[str, Type], written: Expression) -> Compiled | None:
        """Compile what is left of a join's condition; it reads two entities and no clock."""
        program = self.program(node, types, written.place)
        if program is None:
            return None
        return Compiled(program, Flips(), node, node, program.reads, written.text, written.place)

    def add(self, node: Node) -> None:
        """Give a node its number."""
        node.index = len(self.nodes)
        self.nodes.append(node)

    def go_on(self) -> None:
        """Let what is added from here on leave all that is there as it is."""
        self.fixed = len(self.nodes)
        self._aggregates, self._results, self._hidden = dict(self._aggregates), dict(self._results), dict(self._hidden)

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


def _written(aggregate: Aggregate) -> str:
    where = f"[{unparse(aggregate.where)}]" if aggregate.where is not None else ""
    value = f".{unparse(aggregate.value)}" if isinstance(aggregate.value, ast.Name) else ""
    if aggregate.function in {"some", "every"} and aggregate.value is not None:
        return f"* of {aggregate.collection}{where} satisfies {unparse(aggregate.value)}"
    return f"*({aggregate.collection}{where}{value})"


def _recomputed(text: str, place: Place) -> Problem:
    hint = "Filter by the item's own fields alone, and it is kept up to date item by item."
    message = f"an aggregate in `{text.strip()}` is computed anew whenever one of its items changes"
    return Problem("recomputed", message, place, hint, level="warning")


def _no_rates(node: ast.Node, place: Place) -> Problem:
    hint = "Give an entity type of config/model.yaml `rates:` with its fields base, quote, on and rate."
    return Problem("no-rates", f"`{unparse(node)}` converts money, and the model has no rates", place, hint)


def _unanalysable(node: ast.Node, place: Place) -> Problem:
    at = locate(place, node.position.line, node.position.column)
    hint = 'Compare now() with a moment shifted by a duration, `now() > last_reply + duration("P10D")`, or use today().'
    return Problem("time-not-analysable", f"when `{unparse(node)}` flips cannot be computed", at, hint)
