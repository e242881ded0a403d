"""One FEEL expression over the columns of a record."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.feel import Env, FeelError, HostFunction, Node, Program, compile, parse
from engine.feel.ast import Call, Name, walk
from engine.feel.types import ANY
from engine.mapping.functions import FUNCTIONS
from engine.source.expression import Expression

MAX_SHAPES = 100
"""Sets of columns that are remembered for a stream that declares none."""
_CLOCK = frozenset({"now", "today"})


class Unusable(Exception):
    """The expression gave no value for this record; the message says why."""


class Formula:
    """A compiled expression; with `columns` at once, otherwise for the columns that each record has.

    Raises FeelError when the text is no FEEL, or reads a column that the source does not declare.
    """

    def __init__(
        self, expression: Expression, columns: Sequence[str] = (), functions: Mapping[str, HostFunction] | None = None
    ) -> None:
        self.expression = expression
        self._functions = {**(functions or {}), **FUNCTIONS}
        self._columns = tuple(columns)
        self._programs: dict[tuple[str, ...], Program] = {}
        self.node: Node = parse(expression.text, names=(*self._columns, *self._functions))
        if self._columns:
            self._program(self._columns)

    def value(self, data: Mapping[str, Any], env: Env) -> Any:  # noqa: ANN401  (a FEEL value)
        """Return the value over the columns of one record; raises Unusable."""
        env.faults.clear()
        names = self._columns or tuple(data)
        scope = {name: data.get(name) for name in names} if self._columns else data
        try:
            result = self._program(names).run(scope, env)
        except FeelError as error:
            raise Unusable(f"`{self.expression.text}`: {error.message}") from error
        if env.faults:
            raise Unusable(env.faults[0].message)
        return result

    def reads_clock(self) -> bool:
        """Whether the value depends on the moment of reading, so that a replay could give another."""
        return any(
            isinstance(node, Call) and isinstance(node.function, Name) and node.function.name in _CLOCK
            for node in walk(self.node)
        )

    def _program(self, names: tuple[str, ...]) -> Program:
        program = self._programs.get(names)
        if program is None:
            if len(self._programs) >= MAX_SHAPES:
                self._programs.clear()
            program = compile(self.expression.text, dict.fromkeys(names, ANY), functions=self._functions)
            self._programs[names] = program
        return program
