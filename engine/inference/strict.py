"""Nothing is skipped: whatever a condition reads, unresolved or faulty, counts on both sides of `and`, for each item.

FEEL may answer `false and X` without looking at X; here X may be a reference that dangles, and then the whole is
unresolved. `all([false, X])` has the same value and looks at everything, so that is what is compiled where X could
suspend or fail. Only the branch of an `if` that is not taken is left alone.
"""

from collections.abc import Callable

from engine.feel import ast

_PLAIN = (
    *(ast.Null, ast.Boolean, ast.Number, ast.Text, ast.At, ast.Compare, ast.And, ast.Or, ast.In, ast.Between, ast.Test),
    *(ast.Range, ast.Arithmetic, ast.Negate),
)
_SAFE_CALLS = frozenset({"not", "today", "now", "duration"})


def strict(node: ast.Node, safe: Callable[[str], bool]) -> ast.Node:
    """Return an expression of the same value that reads everything; `safe` tells fields that always have a value."""

    def visit(part: ast.Node) -> ast.Node:
        part = ast.map_children(part, visit)
        match part:
            case ast.And(operands) if not all(_plain(each, safe) for each in operands[1:]):
                return _call("all", ast.ListLiteral(operands))
            case ast.Or(operands) if not all(_plain(each, safe) for each in operands[1:]):
                return _call("any", ast.ListLiteral(operands))
            case ast.Quantified(quantifier, bindings, condition):
                return _call("any" if quantifier == "some" else "all", ast.For(bindings, condition))
            case ast.In(value, tests) if not all(_plain(each, safe) for each in tests[1:]):
                return _call("any", ast.ListLiteral(tuple(ast.In(value, (test,)) for test in tests)))
            case ast.Between(value, low, high) if not _plain(high, safe):
                return _call("all", ast.ListLiteral((ast.Compare(">=", value, low), ast.Compare("<=", value, high))))
        return part

    return visit(node)


def _plain(node: ast.Node, safe: Callable[[str], bool]) -> bool:
    """Whether evaluating an expression can neither suspend nor fail."""
    match node:
        case ast.Name(name):
            return safe(name)
        case ast.Call(ast.Name(function), arguments):
            return function in _SAFE_CALLS and all(_plain(each, safe) for each in arguments)
    return isinstance(node, _PLAIN) and all(_plain(each, safe) for each in ast.children(node))


def _call(function: str, argument: ast.Node) -> ast.Call:
    return ast.Call(ast.Name(function), (argument,))
