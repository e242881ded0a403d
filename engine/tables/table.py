"""A compiled decision table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.feel import Env, HostFunction, Program, Type, Value
from engine.feel.errors import LimitExceeded
from engine.feel.runtime.access import MISSING
from engine.feel.runtime.invoke import typed_argument
from engine.feel.runtime.kinds import kind
from engine.feel.types import ANY
from engine.tables.cells import Cell, Scope
from engine.tables.hit import DECIDE, NoResult, Outcome
from engine.tables.index import Index
from engine.tables.structs import HitPolicy

AT = (1, 1)


@dataclass(frozen=True, slots=True)
class Input:
    """One input column: how its value is had, and what it may be."""

    name: str
    program: Program
    type: Type
    allowed: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One output cell: a constant, or a program."""

    type: Type
    value: Value = None
    program: Program | None = None

    def run(self, scope: Scope, env: Env) -> Value:
        """Return the cell's value."""
        return self.value if self.program is None else self.program.run(scope, env)


@dataclass(frozen=True, slots=True)
class Output:
    """One output column; `allowed` is in order of priority."""

    name: str
    type: Type
    allowed: tuple[Cell, ...] = ()
    default: Entry | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One row."""

    when: tuple[Cell, ...]
    then: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTable:
    """A decision table as a function of its inputs (DMN 1.5, 8.2).

    `evaluate` takes the inputs from a scope, `call` takes their values. `reads` are the paths that the inputs and cells
    read of the scope, `time` is what cells look at of the clock.
    """

    name: str
    policy: HitPolicy
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rows: tuple[Line, ...]
    index: Index = field(repr=False)
    type: Type
    reads: frozenset[tuple[str, ...]]
    time: Literal["none", "today", "now"]

    def evaluate(self, scope: Scope, env: Env) -> Value:
        """Return the result over a scope; each input expression is evaluated once."""
        values = [each.program.run(scope, env) for each in self.inputs]
        env.steps = env.limits.steps
        try:
            return self.decide(values, scope, env)
        except LimitExceeded as stop:
            env.fault(str(stop), AT)
            return None

    def call(self, env: Env, *values: Value) -> Value:
        """Return the result for the inputs' values."""
        return self.decide(values, {}, env)

    def matching(self, env: Env, *values: Value) -> list[int]:
        """Return which rows match the inputs' values, counted from 0; for FIRST only the first one."""
        scope = Inside({each.name: value for each, value in zip(self.inputs, values, strict=True)}, {})
        return _Decision(self, scope, env).matching(values)

    def host_function(self) -> HostFunction:
        """Return the table as a function for expressions."""
        parameters = tuple((each.name, each.type) for each in self.inputs)
        return HostFunction(self.name, parameters, self.type, self.call, time=self.time)

    def decide(self, values: Sequence[Value], outer: Scope, env: Env) -> Value:
        """Return the result for the inputs' values; cells see them by name, and the outer scope."""
        left = env.steps
        scope = Inside({each.name: value for each, value in zip(self.inputs, values, strict=True)}, outer)
        decision = _Decision(self, scope, env)
        try:
            decision.check(values)
            rows = decision.matching(values)
            return DECIDE[self.policy](decision, rows) if rows else decision.without_match()
        except NoResult as reason:
            env.fault(f"{self.name}: {reason}" if self.name else str(reason), AT)
            return None
        finally:
            env.steps = left  # programs of cells count anew; what they cost is counted here
            env.spend(decision.looked)


class Inside:
    """The inputs by their names, in front of an outer scope."""

    __slots__ = ("inputs", "outer")

    def __init__(self, inputs: dict[str, Value], outer: Scope) -> None:
        self.inputs = inputs
        self.outer = outer

    def get(self, name: str, default: Value = None) -> Value:
        """Return what a name means."""
        found = self.inputs.get(name, MISSING)
        return self.outer.get(name, default) if found is MISSING else found


class _Decision:
    """One evaluation of a table: what its hit policy may ask for."""

    __slots__ = ("env", "looked", "scope", "table")

    def __init__(self, table: DecisionTable, scope: Inside, env: Env) -> None:
        self.table = table
        self.scope = scope
        self.env = env
        self.looked = 1

    def check(self, values: Sequence[Value]) -> None:
        """Hold the inputs against their declared values; raises NoResult."""
        for each, value in zip(self.table.inputs, values, strict=True):
            if each.allowed and not any(cell.holds(value, self.scope, self.env) for cell in each.allowed):
                raise NoResult(f"`{each.name}` is none of its values, but {_described(value)}")

    def matching(self, values: Sequence[Value]) -> list[int]:
        """Return the rows that match, for FIRST only the first one."""
        rows, found = self.table.rows, list[int]()
        known: list[dict[int, bool]] = [{} for _ in values]
        for number in self.table.index.candidates(values):
            self.looked += 1
            if self._matches(rows[number], values, known):
                found.append(number)
                if self.table.policy == "F":
                    break
        return found

    def _matches(self, row: Line, values: Sequence[Value], known: list[dict[int, bool]]) -> bool:
        for cell, value, outcomes in zip(row.when, values, known, strict=True):
            if cell.always:
                continue
            outcome = outcomes.get(id(cell))
            if outcome is None:
                outcome = outcomes[id(cell)] = cell.holds(value, self.scope, self.env)
            if not outcome:
                return False
        return True

    def without_match(self) -> Value:
        """Return the defaults, null when there are none; an empty count is 0."""
        outputs = self.table.outputs
        if any(each.default for each in outputs):
            return self.compose(tuple(e.default.run(self.scope, self.env) if e.default else None for e in outputs))
        return DECIDE["C#"](self, ()) if self.table.policy == "C#" else None

    def outcome(self, row: int) -> Outcome:
        """Return the outputs of a row; raises NoResult for one that does not fit its column."""
        pairs = zip(self.table.outputs, self.table.rows[row].then, strict=True)
        return tuple(self._fitting(output, entry.run(self.scope, self.env), row) for output, entry in pairs)

    def _fitting(self, output: Output, value: Value, row: int) -> Value:
        if output.type != ANY:
            value = typed_argument(value, output.type, self.env, AT)
        if value is MISSING:
            raise NoResult(f"the output of row {row + 1} is no {output.type}")
        if value is not None and output.allowed and self._place(output, value) == len(output.allowed):
            named = f"`{output.name}`" if output.name else "the output"
            raise NoResult(f"{named} of row {row + 1} is none of its values, but {_described(value)}")
        return value

    def rank(self, outcome: Outcome) -> tuple[int, ...]:
        """Return the places of the outputs in their lists of values."""
        return tuple(self._place(output, value) for output, value in zip(self.table.outputs, outcome, strict=True))

    def _place(self, output: Output, value: Value) -> int:
        held = (number for number, cell in enumerate(output.allowed) if cell.holds(value, self.scope, self.env))
        return next(held, len(output.allowed))

    def compose(self, outcome: Outcome) -> Value:
        """Return one output as it is, several as a context."""
        if len(outcome) == 1:
            return outcome[0]
        return {output.name: value for output, value in zip(self.table.outputs, outcome, strict=True)}


def _described(value: Value) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value) if kind(value) == "number" else kind(value)
