"""The constant parts of cells: what a test is when nothing has to be computed for it."""

from datetime import UTC, datetime
from typing import NamedTuple

from engine.feel import Env, Node, Range, Value, ast, compile
from engine.feel.runtime.membership import COMPARISONS, in_test

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class NoConstant(Exception):
    """The expression has to be computed."""


class LiteralTest(NamedTuple):
    """`operator operand`, or `in operand` when the operator is empty."""

    operator: str
    operand: Value

    def holds(self, value: Value, env: Env) -> bool | None:
        """Whether the test holds, as FEEL has it."""
        if self.operator:
            return COMPARISONS[self.operator](value, self.operand, env, (1, 1))
        return in_test(value, self.operand, env, (1, 1))


def constant(node: Node) -> Value:
    """Return the value of a constant expression; raises NoConstant."""
    match node:
        case ast.Number(literal) | ast.Text(literal) | ast.Boolean(literal):
            return literal
        case ast.Null():
            return None
        case ast.Negate(ast.Number(number)):
            return -number
        case ast.Name():
            raise NoConstant
    if any(isinstance(part, ast.FunctionLiteral) for part in ast.walk(node)):
        raise NoConstant
    program = compile(node)
    env = Env(_EPOCH)
    value = program.run({}, env) if program.constant else None
    if not program.constant or env.faults:
        raise NoConstant
    return value


def literal_tests(node: ast.UnaryTests) -> tuple[LiteralTest, ...]:
    """Return the tests of a cell that is all constants; raises NoConstant."""
    return tuple(map(_literal_test, node.tests))


def _literal_test(node: Node) -> LiteralTest:
    if isinstance(node, ast.Test):
        return LiteralTest(node.operator, constant(node.operand))
    value = constant(node)
    if isinstance(value, Range) and value.operator:
        return LiteralTest(value.operator, value.high if value.operator in ("<", "<=") else value.low)
    return LiteralTest("", value)
