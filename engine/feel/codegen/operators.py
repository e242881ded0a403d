"""Literals, names and operators."""

import ast as py
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from engine.feel import ast
from engine.feel.codegen import builder as b
from engine.feel.codegen.emitter import UNKNOWN, Emitter, Frame
from engine.feel.runtime import arithmetic, compare
from engine.feel.runtime.membership import half_range, make_range
from engine.feel.temporal.text import parse_any
from engine.feel.types import ANY, DATE, DAYS_TIME, NULL, NUMBER, STRING, MoneyType, Type
from engine.feel.values import Value

DIRECT: Mapping[Type, str] = {NUMBER: "Decimal", STRING: "str", DATE: "date", DAYS_TIME: "timedelta"}
"""Types whose usual Python type is compared by Python's own operators."""
_COMPARE = {
    "=": ("eq", compare.eq),
    "!=": ("ne", compare.ne),
    "<": ("lt", compare.lt),
    "<=": ("le", compare.le),
    ">": ("gt", compare.gt),
    ">=": ("ge", compare.ge),
}
_ARITHMETIC: Mapping[str, tuple[str, Callable[..., Value]]] = {
    "+": ("add", arithmetic.add),
    "-": ("subtract", arithmetic.subtract),
    "*": ("multiply", arithmetic.multiply),
    "/": ("divide", arithmetic.divide),
    "**": ("power", arithmetic.power),
}
_FAST: Mapping[tuple[str, Type, Type], Callable[[py.expr, py.expr], py.expr]] = {
    ("+", NUMBER, NUMBER): lambda left, right: b.call("PLUS", left, right),
    ("-", NUMBER, NUMBER): lambda left, right: b.call("MINUS", left, right),
    ("*", NUMBER, NUMBER): lambda left, right: b.call("TIMES", left, right),
    ("+", DATE, DAYS_TIME): b.plus,
    ("-", DATE, DAYS_TIME): b.minus,
    ("-", DATE, DATE): b.minus,
}
"""Operations on the standard library's types that mean the same in FEEL, or raise because the result is too large."""
_TRUTH = (ast.Boolean, ast.Compare, ast.And, ast.Or, ast.Between, ast.In, ast.InstanceOf, ast.Quantified)


def null(emitter: Emitter, _node: ast.Null) -> py.expr:
    """`null`."""
    return emitter.constant(None)


def literal(emitter: Emitter, node: ast.Boolean | ast.Number | ast.Text) -> py.expr:
    """A literal."""
    return emitter.constant(node.value)


def at_literal(emitter: Emitter, node: ast.At) -> py.expr:
    """`@"..."`; text that is nothing of the kind is null."""
    value = parse_any(node.text)
    if value is None:
        return emitter.put(emitter.helper("no_literal", node, b.constant(node.text)))
    return emitter.constant(value)


def operand_type(emitter: Emitter, node: ast.Node, atom: py.expr) -> Type:
    """The type that decides how an operand is compared: the inferred one, of a constant its own (Null: not direct)."""
    value = emitter.constant_of(atom)
    if value is UNKNOWN:
        return emitter.type_of(node)
    return next((kind for kind, name in DIRECT.items() if type(value).__name__ == name), NULL)


def guarded(
    emitter: Emitter, nodes: tuple[ast.Node, ...], atoms: tuple[py.expr, ...]
) -> tuple[py.expr | None, tuple[py.expr, ...]]:
    """The condition under which Python's operators do FEEL's work, and the operands for them."""
    types = [operand_type(emitter, node, atom) for node, atom in zip(nodes, atoms, strict=True)]
    if any(isinstance(kind, MoneyType) for kind in types):
        return _money_guard(emitter, types, atoms)
    direct = {kind for kind in types if kind != ANY}
    if len(direct) != 1 or not direct <= DIRECT.keys():
        return None, atoms
    (wanted,) = direct
    checks = [b.type_is(atom, DIRECT[wanted]) for atom in atoms if emitter.constant_of(atom) is UNKNOWN]
    return (b.both(*checks) if checks else None), atoms


def _money_guard(
    emitter: Emitter, types: list[Type], atoms: tuple[py.expr, ...]
) -> tuple[py.expr | None, tuple[py.expr, ...]]:
    """Amounts of one currency, and constant numbers, are compared."""
    moneys = [atom for atom, kind in zip(atoms, types, strict=True) if isinstance(kind, MoneyType)]
    constants = all(
        isinstance(kind, MoneyType) or (kind == NUMBER and emitter.constant_of(atom) is not UNKNOWN)
        for atom, kind in zip(atoms, types, strict=True)
    )
    if not constants:
        return None, atoms
    checks = [b.type_is(atom, "Money") for atom in moneys]
    first, *others = (b.attribute(atom, "currency") for atom in moneys)
    checks.extend(b.compare(first, "=", other) for other in others)
    amounts = tuple(b.attribute(atom, "amount") if atom in moneys else atom for atom in atoms)
    return b.both(*checks), amounts


def comparison(emitter: Emitter, node: ast.Compare) -> py.expr:
    """`left operator right`."""
    return compared(emitter, node, node.operator, (node.left, emitter.compile(node.left)), node.right)


def compared(
    emitter: Emitter, node: ast.Node, operator: str, left: tuple[ast.Node, py.expr], right_node: ast.Node
) -> py.expr:
    """A comparison whose left side has a value already."""
    name, function = _COMPARE[operator]
    left_node, left_atom = left
    right_atom = emitter.compile(right_node)
    folded = emitter.fold(function, left_atom, right_atom)
    if folded is not None:
        return folded
    if operator in ("=", "!="):
        for one, other in ((left_atom, right_atom), (right_atom, left_atom)):
            if isinstance(one, py.Constant) and one.value is None:
                return emitter.put(b.compare(other, "is" if operator == "=" else "is not", one))
    slow = emitter.helper(name, node, left_atom, right_atom)
    guard, (low, high) = guarded(emitter, (left_node, right_node), (left_atom, right_atom))
    return emitter.put(slow if guard is None else b.choose(guard, b.compare(low, operator, high), slow))


def arithmetic_rule(emitter: Emitter, node: ast.Arithmetic) -> py.expr:
    """`left operator right`."""
    name, function = _ARITHMETIC[node.operator]
    left, right = emitter.compile(node.left), emitter.compile(node.right)
    folded = emitter.fold(function, left, right)
    if folded is not None:
        return folded
    slow = emitter.helper(name, node, left, right)
    types = [operand_type(emitter, part, atom) for part, atom in ((node.left, left), (node.right, right))]
    pairs = list(zip(types, (left, right), strict=True))
    checks = [b.type_is(atom, DIRECT[kind]) for kind, atom in pairs if kind in DIRECT and _is_variable(emitter, atom)]
    fast = _FAST.get((node.operator, types[0], types[1]))
    if fast is None or not checks:
        return emitter.put(slow)
    result = emitter.fresh()
    quick = b.attempt([b.assign(result, fast(left, right))], "Overflowing", "fault", [b.assign(result, slow)])
    emitter.do(b.if_(b.both(*checks), [quick], [b.assign(result, slow)]))
    return b.load(result)


def _is_variable(emitter: Emitter, atom: py.expr) -> bool:
    return emitter.constant_of(atom) is UNKNOWN


def negation(emitter: Emitter, node: ast.Negate) -> py.expr:
    """`-operand`."""
    operand = emitter.compile(node.operand)
    folded = emitter.fold(arithmetic.negate, operand)
    return folded if folded is not None else emitter.put(emitter.helper("negate", node, operand))


def truth(emitter: Emitter, node: ast.Node) -> py.expr:
    """A node's truth value: true, false, or null for anything else."""
    atom = emitter.compile(node)
    value = emitter.constant_of(atom)
    if isinstance(node, _TRUTH) or value is None or type(value) is bool:
        return atom
    fallback = emitter.helper("no_condition", node, atom)
    return emitter.put(b.choose(b.type_is(atom, "bool"), atom, fallback))


def conjunction(emitter: Emitter, node: ast.And) -> py.expr:
    """`a and b`: false if one is, true if all are, else null."""
    return _junction(emitter, node.operands, decisive=False)


def disjunction(emitter: Emitter, node: ast.Or) -> py.expr:
    """`a or b`: true if one is, false if all are, else null."""
    return _junction(emitter, node.operands, decisive=True)


def _junction(emitter: Emitter, operands: tuple[ast.Node, ...], *, decisive: bool) -> py.expr:
    return _until(emitter, [partial(truth, emitter, each) for each in operands], decisive=decisive)


def _until(emitter: Emitter, values: Sequence[Callable[[], py.expr]], *, decisive: bool) -> py.expr:
    """Truth values in turn until one is decisive; null when none is and one is null.

    The turns stand side by side, not inside each other, so that there may be many; what one has read is known to the
    next, as that only runs when all before it did.
    """
    result = emitter.fresh()
    emitter.do(b.assign(result, values[0]()))
    outer, cached = emitter.body, emitter.cached
    emitter.cached = dict(cached)
    for compile_next in values[1:]:
        emitter.body = branch = []
        value = compile_next()
        takes = b.either(b.is_(b.load(result), not decisive), b.is_(value, decisive))
        branch.append(b.if_(takes, [b.assign(result, value)]))
        outer.append(b.if_(b.is_not(b.load(result), decisive), branch))
    emitter.body, emitter.cached = outer, cached
    return b.load(result)


def between(emitter: Emitter, node: ast.Between) -> py.expr:
    """`value between low and high`."""
    parts = (node.low, node.value, node.high)
    low, value, high = (emitter.compile(part) for part in parts)
    slow = emitter.helper("between", node, value, low, high)
    guard, (low, value, high) = guarded(emitter, parts, (low, value, high))
    return emitter.put(slow if guard is None else b.choose(guard, b.chain(low, "<=", value, "<=", high), slow))


def conditional(emitter: Emitter, node: ast.If) -> py.expr:
    """`if condition then yes else no`; only true chooses `yes`."""
    condition = emitter.compile(node.condition)
    result = emitter.fresh()
    branches = []
    for part in (node.yes, node.no):
        with emitter.block() as body:
            body_value = emitter.compile(part)
            body.append(b.assign(result, body_value))
            branches.append(body)
    emitter.do(b.if_(b.is_(condition, True), *branches))
    return b.load(result)


def range_rule(emitter: Emitter, node: ast.Range) -> py.expr:
    """`[low..high]` as a value."""
    low, high = emitter.compile(node.low), emitter.compile(node.high)
    included = (node.low_included, node.high_included)
    folded = emitter.fold(lambda a, z, env, at: make_range(a, z, included, env, at), low, high)
    if folded is not None:
        return folded
    return emitter.put(emitter.helper("make_range", node, low, high, b.constant(included)))


def half_range_rule(emitter: Emitter, node: ast.Test) -> py.expr:
    """`(> operand)` as a value."""
    operand = emitter.compile(node.operand)
    folded = emitter.fold(lambda value, _env, _at: half_range(node.operator, value), operand)
    return folded if folded is not None else emitter.put(b.call("half_range", b.constant(node.operator), operand))


def membership(emitter: Emitter, node: ast.In) -> py.expr:
    """`value in (tests)`."""
    value = emitter.compile(node.value)
    if not any(map(mentions_input, node.tests)):
        return any_test(emitter, (node.value, value), node.tests, "in_test")
    kept = emitter.put(value)
    assert isinstance(kept, py.Name)
    with emitter.frame(Frame({"?": kept.id})):
        return any_test(emitter, (node.value, kept), node.tests, "in_test")


def mentions_input(node: ast.Node) -> bool:
    """Whether an expression speaks of the tested value."""
    return any(isinstance(part, ast.Name) and part.name == "?" for part in ast.walk(node))


def any_test(emitter: Emitter, value: tuple[ast.Node, py.expr], tests: tuple[ast.Node, ...], other: str) -> py.expr:
    """Whether one of the tests holds for a value: the disjunction of them."""
    turns = [partial(one_test, emitter, value, test, other) for test in tests]
    return _until(emitter, turns, decisive=True)


def one_test(emitter: Emitter, value: tuple[ast.Node, py.expr], test: ast.Node, other: str) -> py.expr:
    """Whether one test holds; `other` is the helper for one that is neither comparison nor range."""
    subject_node, subject = value
    if isinstance(test, ast.Test):
        return compared(emitter, test, test.operator, value, test.operand)
    if isinstance(test, ast.Range):
        interval = emitter.compile(test)
        if emitter.constant_of(interval) is not UNKNOWN:
            return _in_constant_range(emitter, value, test, interval)
        return emitter.put(emitter.helper("in_test", test, subject, interval))
    if isinstance(test, ast.Text | ast.Number):
        return compared(emitter, test, "=", (subject_node, subject), test)
    if mentions_input(test):
        return emitter.put(emitter.helper("cell", test, subject, emitter.compile(test)))
    return emitter.put(emitter.helper(other, test, subject, emitter.compile(test)))


def _in_constant_range(
    emitter: Emitter, value: tuple[ast.Node, py.expr], node: ast.Range, interval: py.expr
) -> py.expr:
    constant = emitter.constant_of(interval)
    slow = emitter.helper("in_test", node, value[1], interval)
    ends = emitter.constant(constant.low), emitter.constant(constant.high)
    guard, (low, subject, high) = guarded(emitter, (node.low, value[0], node.high), (ends[0], value[1], ends[1]))
    if guard is None or constant.low is None or constant.high is None:
        return emitter.put(slow)
    first, second = "<=" if node.low_included else "<", "<=" if node.high_included else "<"
    return emitter.put(b.choose(guard, b.chain(low, first, subject, second, high), slow))
