"""Boxed expressions to functions of a scope (DMN 1.5, 10.2)."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, TypeAlias

import msgspec

from engine.feel import Env, FeelError, Function, Program, Type, Value, compile
from engine.feel.runtime.access import domain, items
from engine.feel.runtime.invoke import call_value
from engine.feel.types import ANY, FunctionType
from engine.feel.values import RECORDS, keys
from engine.source.expression import Expression
from engine.source.problem import ConfigError
from engine.tables.compile import Compilation
from engine.tables.dialect import Tolerant
from engine.tables.dmn.structs import (
    Boxed,
    Conditional,
    ContextLogic,
    FilterLogic,
    FunctionLogic,
    Invocation,
    Iteration,
    ListLogic,
    Literal,
    Relation,
    TableLogic,
    Variable,
)
from engine.tables.dmn.types import AT, Kinds, fit
from engine.tables.structs import Table

Scope: TypeAlias = Mapping[str, Value]
Names: TypeAlias = Mapping[str, Type]
"""The names in scope; a function's type tells that it may hide a built-in."""
Run: TypeAlias = Callable[[Scope, Env], Value]


class Boxing:
    """Compiles the boxes of one model; what cannot be compiled gives null with a fault when it is run."""

    def __init__(self, kinds: Kinds, fields: frozenset[str]) -> None:
        self.kinds = kinds
        self.dialect = Tolerant(fields, kinds.named)

    def build(self, box: Boxed, names: Names) -> Run:
        """Return what evaluates a box in a scope of these names."""
        run = _BUILDERS[type(box)](self, box, names)
        return self.fitting(run, box.type_ref) if box.type_ref else run

    def fitting(self, run: Run, type_ref: str) -> Run:
        """Let a result be made to fit a type."""
        wanted = self.kinds.of(type_ref)
        return lambda scope, env: fit(run(scope, env), wanted, env)

    def literal(self, box: Literal, names: Names) -> Run:
        """Return what evaluates FEEL text."""
        if not box.text:
            return _null
        if box.language not in ("", "feel"):
            return _failing(f"{box.language} is not run, only FEEL")
        try:
            program = self.dialect.program(self.dialect.parse(box.text, names), names)
        except FeelError as error:
            return _failing(f"`{box.text}`: {error.message}")
        return program.run

    def table(self, box: TableLogic, names: Names) -> Run:
        """Return what evaluates a decision table."""
        try:
            compiled = Compilation(self.with_priorities(box), names, self.dialect).run()
        except ConfigError as error:
            return _failing(str(error.problems[0]))
        return compiled.evaluate

    def with_priorities(self, box: TableLogic) -> Table:
        """Return the table with the order of outputs that their types state where the columns state none."""
        outputs = []
        for output, type_ref in zip(box.table.outputs, box.output_types, strict=True):
            allowed = self.kinds.allowed(type_ref) if box.table.policy in ("P", "O") and not output.values else ""
            outputs.append(msgspec.structs.replace(output, values=(Expression(allowed),)) if allowed else output)
        return msgspec.structs.replace(box.table, outputs=tuple(outputs))

    def context(self, box: ContextLogic, names: Names) -> Run:
        """Return what evaluates the entries of a context, each in the scope of those before it."""
        inside, entries = dict(names), list[tuple[str | None, Run]]()
        for variable, part in box.entries:
            run = self.build(part, inside)
            if variable is None:
                entries.append((None, run))
                continue
            entries.append((variable.name, self.fitting(run, variable.type_ref) if variable.type_ref else run))
            inside[variable.name] = FunctionType() if isinstance(part, FunctionLogic) else ANY
        return partial(_context, tuple(entries))

    def invocation(self, box: Invocation, names: Names) -> Run:
        """Return what calls a function with named arguments."""
        function = self.build(box.function, names)
        arguments = [self.typed(variable, part, names) for variable, part in box.bindings]
        given = tuple(variable.name for variable, _ in box.bindings)
        return lambda scope, env: call_value(
            function(scope, env), env, AT, [argument(scope, env) for argument in arguments], given
        )

    def typed(self, variable: Variable, box: Boxed, names: Names) -> Run:
        """Return what evaluates a box for a variable of a type."""
        run = self.build(box, names)
        return self.fitting(run, variable.type_ref) if variable.type_ref else run

    def list(self, box: ListLogic, names: Names) -> Run:
        """Return what evaluates a list."""
        parts = [self.build(item, names) for item in box.items]
        return lambda scope, env: [part(scope, env) for part in parts]

    def relation(self, box: Relation, names: Names) -> Run:
        """Return what evaluates the rows of a relation."""
        rows = [
            [(column.name, self.typed(column, cell, names)) for column, cell in zip(box.columns, row, strict=False)]
            for row in box.rows
        ]
        return lambda scope, env: [{name: cell(scope, env) for name, cell in row} for row in rows]

    def function(self, box: FunctionLogic, names: Names) -> Run:
        """Return what makes a function of the scope."""
        return lambda scope, _env: self.closure(box, names, scope)

    def closure(self, box: FunctionLogic, names: Names, scope: Scope, name: str = "") -> Function:
        """Return a function whose body sees a scope and its parameters."""
        if box.kind != "FEEL":
            run = _failing(f"functions in {box.kind} are not run")
        else:
            run = self.build(box.body, {**names, **{each.name: ANY for each in box.parameters}})
        parameters = [(each.name, self.kinds.of(each.type_ref)) for each in box.parameters]

        def call(env: Env, _at: Any, *arguments: Value) -> Value:  # noqa: ANN401  (a place, which has none here)
            given = dict(scope)
            for value, (parameter, wanted) in zip(arguments, parameters, strict=False):
                given[parameter] = fit(value, wanted, env)
                if given[parameter] is None and value is not None:
                    return None
            return run(given, env)

        return Function(tuple(parameter for parameter, _ in parameters), call, len(parameters), name=name)

    def conditional(self, box: Conditional, names: Names) -> Run:
        """Return what evaluates one of two boxes."""
        condition, yes, no = (self.build(part, names) for part in (box.condition, box.yes, box.no))
        return lambda scope, env: yes(scope, env) if condition(scope, env) is True else no(scope, env)

    def filter(self, box: FilterLogic, names: Names) -> Run:
        """Return what chooses items."""
        source, match = self.build(box.source, names), self.build(box.match, {**names, "item": ANY})
        return partial(_filtered, source, match)

    def iteration(self, box: Iteration, names: Names) -> Run:
        """Return what goes through items."""
        source = self.build(box.source, names)
        body = self.build(box.body, {**names, box.variable: ANY, "partial": ANY})
        return partial(_iterated, box.kind, box.variable, source, body)


_BUILDERS: Mapping[type[Boxed], Callable[[Boxing, Any, Names], Run]] = {
    Literal: Boxing.literal,
    TableLogic: Boxing.table,
    ContextLogic: Boxing.context,
    Invocation: Boxing.invocation,
    ListLogic: Boxing.list,
    Relation: Boxing.relation,
    FunctionLogic: Boxing.function,
    Conditional: Boxing.conditional,
    FilterLogic: Boxing.filter,
    Iteration: Boxing.iteration,
}


def _null(_scope: Scope, _env: Env) -> None:
    return None


def _failing(message: str) -> Run:
    def run(_scope: Scope, env: Env) -> None:
        env.fault(message, AT)

    return run


def _context(entries: tuple[tuple[str | None, Run], ...], scope: Scope, env: Env) -> Value:
    inside, result = dict(scope), dict[str, Value]()
    for name, run in entries:
        value = run(inside, env)
        if name is None:
            return value
        inside[name] = result[name] = value
    return result


def _filtered(source: Run, match: Run, scope: Scope, env: Env) -> Value:
    value = source(scope, env)
    if value is None:
        return None
    found = []
    for item in items(value, env):
        entries = {name: item.get(name) for name in keys(item)} if isinstance(item, RECORDS) else {}
        chosen = match({**scope, "item": item, **entries}, env)
        if chosen is not None and not isinstance(chosen, bool):
            env.fault("the match of a filter is no truth value", AT)
            return None
        if chosen:
            found.append(item)
    return found


def _iterated(kind: str, variable: str, source: Run, body: Run, scope: Scope, env: Env) -> Value:
    turns = domain(source(scope, env), env, AT)
    if turns is None:
        return None
    results: list[Value] = []
    for item in turns:
        results.append(body({**scope, variable: item, "partial": list(results)}, env))
    return results if kind == "for" else _quantifier(kind).run({"results": results}, env)


@cache
def _quantifier(kind: str) -> Program:
    return compile(f"{kind} each in results satisfies each", {"results": ANY})
