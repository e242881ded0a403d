"""What changed in an expression, in words: constants where only they differ, conditions that came or went."""

from collections.abc import Collection, Iterator

from engine.feel import FeelError, ast, parse, unparse
from engine.source.expression import Expression

_CONSTANTS = (ast.Number, ast.Text, ast.Boolean, ast.At, ast.Null)
_ORDERED = frozenset({"<", "<=", ">", ">="})


def reworded(key: str, before: Expression, after: Expression, names: Collection[str]) -> Iterator[str]:
    """Yield what changed between two expressions under a key; nothing when both say the same."""
    try:
        old, new = parse(before.text, names=set(names)), parse(after.text, names=set(names))
    except FeelError:
        old = new = ast.Null()
        if before.text.strip() != after.text.strip():
            yield f"`{key}` {quoted(before.text)} -> {quoted(after.text)}"
    if old == new:
        return
    constants = list(_constants(old, new, ()))
    if constants and None not in constants:
        for found in constants:
            yield f"`{key}` {found}"
    elif isinstance(old, ast.And) or isinstance(new, ast.And):
        yield from _conjuncts(key, old, new)
    else:
        yield f"`{key}` {quoted(unparse(old))} -> {quoted(unparse(new))}"


def quoted(text: str) -> str:
    """Return FEEL on one line, shortened where it is long."""
    line = " ".join(text.split())
    return f"`{line}`" if len(line) <= 160 else f"`{line[:157]}...`"


def _constants(old: ast.Node, new: ast.Node, above: tuple[ast.Node, ...]) -> Iterator[str | None]:
    """Yield each constant that differs; None where anything else does."""
    if old == new:
        return
    if isinstance(old, _CONSTANTS) and isinstance(new, _CONSTANTS):
        yield f"{_role(above)}{unparse(old)} -> {unparse(new)}{_where(above)}"
        return
    if type(old) is not type(new) or _shape(old) != _shape(new):
        yield None
        return
    for one, other in zip(ast.children(old), ast.children(new), strict=True):
        yield from _constants(one, other, (*above, old))


def _shape(node: ast.Node) -> tuple[object, ...]:
    """Return what a node is besides its parts."""
    values = (getattr(node, name) for name in type(node).__slots__)
    return tuple(
        len(value) if isinstance(value, tuple) and value and isinstance(value[0], ast.Node) else value
        for value in values
        if not isinstance(value, ast.Node)
    )


def _role(above: tuple[ast.Node, ...]) -> str:
    compared = any(isinstance(each, ast.Compare) and each.operator in _ORDERED for each in above[-4:])
    return (
        "threshold "
        if compared or any(isinstance(each, ast.Between | ast.Range | ast.Test) for each in above[-2:])
        else ""
    )


def _where(above: tuple[ast.Node, ...]) -> str:
    around = next((each for each in reversed(above) if isinstance(each, ast.Compare | ast.Between | ast.In)), None)
    return f" in {quoted(unparse(around))}" if around is not None and len(above) > 1 else ""


def _conjuncts(key: str, old: ast.Node, new: ast.Node) -> Iterator[str]:
    before, after = _parts(old), _parts(new)
    gone = [each for each in before if each not in after]
    come = [each for each in after if each not in before]
    if not gone and not come:
        yield f"`{key}` has its conditions in another order"
    if len(gone) == len(come) == 1:
        constants = list(_constants(gone[0], come[0], ()))
        told = [f"`{key}` {each}" for each in constants if each is not None]
        yield from (
            told
            if len(told) == len(constants)
            else [f"`{key}` {quoted(unparse(gone[0]))} -> {quoted(unparse(come[0]))}"]
        )
        return
    yield from (f"`{key}` no longer asks for {quoted(unparse(each))}" for each in gone)
    yield from (f"`{key}` also asks for {quoted(unparse(each))}" for each in come)


def _parts(node: ast.Node) -> tuple[ast.Node, ...]:
    return node.operands if isinstance(node, ast.And) else (node,)
