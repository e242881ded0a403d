"""Names, paths, filters, iterations, lists and contexts."""

import ast as py
from collections.abc import Callable

from engine.feel import ast
from engine.feel.ast import Node
from engine.feel.builtins import BUILTINS
from engine.feel.codegen import builder as b
from engine.feel.codegen.emitter import UNKNOWN, Emitter, Frame
from engine.feel.codegen.functions import builtin_value, host_value
from engine.feel.codegen.operators import any_test, truth
from engine.feel.types import ANY, BOOLEAN, DATE, NUMBER, ContextType, ListType, MoneyType, Type


def name(emitter: Emitter, node: ast.Name) -> py.expr:
    """A variable: the innermost that binds it, else the scope's, else a built-in."""
    return _resolve(emitter, node, len(emitter.frames))


def _resolve(emitter: Emitter, node: ast.Name, depth: int) -> py.expr:
    for level in range(depth - 1, -1, -1):
        frame = emitter.frames[level]
        if node.name in frame.variables:
            return b.load(frame.variables[node.name])
        if frame.item:
            found = _in_item(emitter, node, frame, level)
            if found is not None:
                return found
    return _global(emitter, node)


def _in_item(emitter: Emitter, node: ast.Name, frame: Frame, level: int) -> py.expr | None:
    """A name inside of a filter: an entry of the item, or `item` itself; None when it must be from outside."""
    kind = frame.item_type
    item = b.load(frame.item)
    if isinstance(kind, ContextType) and not kind.open:
        if node.name in kind.fields:
            return _read(emitter, node, item, node.name)
        return item if node.name == "item" else None
    found = emitter.put(b.call("entry", item, b.constant(node.name)))
    with emitter.block() as outside:
        other = item if node.name == "item" else _resolve(emitter, node, level)
        outside.append(b.assign(found.id, other))  # type: ignore[attr-defined]
    emitter.do(b.if_(b.compare(found, "is", b.load("MISSING")), outside))
    return found


def _global(emitter: Emitter, node: ast.Name) -> py.expr:
    key = ("scope", node.name)
    if key in emitter.cached:
        return emitter.cached[key]
    get = b.attribute(b.load("scope"), "get")
    if emitter.known is not None and node.name in emitter.known:
        found = emitter.put(b.call(get, b.constant(node.name)))
    elif node.name in emitter.functions:
        return emitter.constant(host_value(emitter.functions[node.name]))
    elif emitter.known is not None and node.name in BUILTINS:
        return emitter.constant(builtin_value(node.name))
    else:
        found = emitter.put(b.call(get, b.constant(node.name), b.load("MISSING")))
        if node.name in BUILTINS:
            instead = emitter.constant(builtin_value(node.name))
        else:
            instead = emitter.helper("unknown", node, b.constant(node.name))
        missing = b.compare(found, "is", b.load("MISSING"))
        emitter.do(b.if_(missing, [b.assign(found.id, instead)]))  # type: ignore[attr-defined]
    emitter.cached[key] = found
    return found


def _read(emitter: Emitter, node: Node, source: py.expr, field: str) -> py.expr:
    key = (source.id if isinstance(source, py.Name) else "", field)
    if key not in emitter.cached or not key[0]:
        kind = emitter.type_of(node.source) if isinstance(node, ast.Path) else ANY
        slow = emitter.helper("path", node, source, b.constant(field))
        emitter.cached[key] = emitter.put(_quick_read(kind, source, field, slow))
    return emitter.cached[key]


def _quick_read(kind: Type, source: py.expr, field: str, slow: py.expr) -> py.expr:
    """A path without a call of ours, for what the source is likely to be."""
    if isinstance(kind, ListType):
        return slow
    if kind == DATE and field in ("year", "month", "day"):
        return b.choose(b.type_is(source, "date"), b.call("Decimal", b.attribute(source, field)), slow)
    if isinstance(kind, MoneyType) and field in ("amount", "currency"):
        return b.choose(b.type_is(source, "Money"), b.attribute(source, field), slow)
    get = b.call(b.attribute(source, "get"), b.constant(field))
    return b.choose(b.call("isinstance", source, b.load("RECORDS")), get, slow)


def path(emitter: Emitter, node: ast.Path) -> py.expr:
    """`source.name`."""
    source = emitter.compile(node.source)
    if emitter.constant_of(source) is not UNKNOWN:
        return emitter.put(emitter.helper("path", node, source, b.constant(node.name)))
    return _read(emitter, node, source, node.name)


def filtering(emitter: Emitter, node: ast.Filter) -> py.expr:
    """`source[condition]`."""
    source = emitter.compile(node.source)
    if isinstance(node.condition, ast.Number | ast.Negate) or emitter.type_of(node.condition) == NUMBER:
        return _indexed(emitter, node, source)
    result, item = emitter.fresh(), emitter.fresh()
    emitter.do(b.assign(result, b.listing([])))
    kind = emitter.type_of(node.source)
    frame = Frame({}, item, kind.element if isinstance(kind, ListType) else kind)
    with emitter.loop(node) as body, emitter.frame(frame):
        condition = emitter.compile(node.condition)
        keep = b.run(b.call(b.attribute(b.load(result), "append"), b.load(item)))
        body.append(b.if_(b.is_(condition, True), [keep], _otherwise(emitter, node, condition, source, result)))
    emitter.do(b.for_(item, b.call("items", source, b.load("env")), body))
    return b.load(result)


def _otherwise(emitter: Emitter, node: ast.Filter, condition: py.expr, source: py.expr, result: str) -> list[py.stmt]:
    """What a filter does with a condition that is not true: an index ends the loop, anything else is left out."""
    if emitter.type_of(node.condition) == BOOLEAN and not isinstance(node.condition, ast.Name | ast.Path | ast.Call):
        return []
    found = b.assign(result, emitter.helper("index", node, source, condition))
    fault = b.run(emitter.helper("no_condition", node, condition))
    other = [b.if_(b.type_is(condition, "Decimal"), [found, b.break_()], [fault])]
    return [b.if_(b.is_not(condition, False), other)]


def _indexed(emitter: Emitter, node: ast.Filter, source: py.expr) -> py.expr:
    result = emitter.fresh()
    number = emitter.compile(node.condition)
    value = emitter.helper("index", node, source, number)
    fault = emitter.helper("no_condition", node, number)
    emitter.do(b.assign(result, b.choose(b.type_is(number, "Decimal"), value, fault)))
    return b.load(result)


def iteration(emitter: Emitter, node: ast.For) -> py.expr:
    """`for ... return ...`."""
    result = emitter.fresh()
    emitter.do(b.assign(result, b.listing([])))
    uses_partial = any(isinstance(part, ast.Name) and part.name == "partial" for part in ast.walk(node.body))

    def body(frame: Frame) -> None:
        if uses_partial:
            frame.variables = {"partial": emitter.put(b.call("list", b.load(result))).id, **frame.variables}  # type: ignore[attr-defined]
        value = emitter.compile(node.body)
        emitter.do(b.run(b.call(b.attribute(b.load(result), "append"), value)))

    _nested(emitter, node.bindings, body, result, b.is_(b.load(result), None))
    return b.load(result)


def quantified(emitter: Emitter, node: ast.Quantified) -> py.expr:
    """`some|every ... satisfies ...`: the disjunction or conjunction over all turns."""
    decisive = node.quantifier == "some"
    result = emitter.fresh()
    emitter.do(b.assign(result, b.constant(not decisive)))
    ended = emitter.fresh()
    emitter.do(b.assign(ended, b.constant(None)))

    def body(_frame: Frame) -> None:
        value = truth(emitter, node.condition)
        decide = [b.assign(result, value), b.assign(ended, b.constant(True)), b.break_()]
        unknown = [b.if_(b.is_(value, None), [b.assign(result, value)])]
        emitter.do(b.if_(b.is_(value, decisive), decide, unknown))

    _nested(emitter, node.bindings, body, result, b.is_(b.load(ended), True), ended)
    return b.load(result)


def _nested(
    emitter: Emitter,
    bindings: tuple[ast.Binding, ...],
    body: Callable[[Frame], None],
    result: str,
    ended: py.expr,
    flag: str = "",
) -> None:
    """Loops in each other; a source that cannot be iterated makes the result null."""
    first, rest = bindings[0], bindings[1:]
    source = _domain(emitter, first)
    variable = emitter.fresh()
    with emitter.loop(first) as turn, emitter.frame(Frame({first.name: variable})) as frame:
        if rest:
            _nested(emitter, rest, body, result, ended, flag)
            turn.append(b.if_(ended, [b.break_()]))
        else:
            body(frame)
    failed: list[py.stmt] = [b.assign(result, b.constant(None))]
    if flag:
        failed.append(b.assign(flag, b.constant(True)))
    emitter.do(b.if_(b.is_(source, None), failed, [b.for_(variable, source, turn)]))


def _domain(emitter: Emitter, binding: ast.Binding) -> py.expr:
    source = binding.source
    if isinstance(source, ast.Span):
        low, high = emitter.compile(source.low), emitter.compile(source.high)
        return emitter.put(emitter.helper("span", source, low, high))
    if isinstance(source, ast.ListLiteral) and len(source.items) == 1 and isinstance(source.items[0], ast.Range):
        source = source.items[0]
    return emitter.put(emitter.helper("domain", binding, emitter.compile(source)))


def list_rule(emitter: Emitter, node: ast.ListLiteral) -> py.expr:
    """`[items]`."""
    return emitter.put(b.listing([emitter.compile(item) for item in node.items]))


def context_rule(emitter: Emitter, node: ast.ContextLiteral) -> py.expr:
    """`{entries}`; each entry is a variable for those after it."""
    frame = Frame()
    with emitter.frame(frame):
        values = []
        for each in node.entries:
            value = emitter.compile(each.value)
            kept = emitter.put(value)
            frame.variables[each.key] = kept.id  # type: ignore[attr-defined]
            values.append(kept)
    return emitter.put(b.mapping([each.key for each in node.entries], values))


def unary_tests(emitter: Emitter, node: ast.UnaryTests) -> py.expr:
    """A decision table's cell for the input `?`."""
    if not node.tests:
        return emitter.constant(True)
    subject = ast.Name("?", position=node.position)
    value = (subject, emitter.compile(subject))
    result = any_test(emitter, value, node.tests, "in_test")
    return emitter.put(b.call("opposite", result)) if node.negated else result
