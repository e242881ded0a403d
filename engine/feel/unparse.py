"""Nodes back to text; parsing the result gives an equal node."""

from decimal import Decimal

from engine.feel import ast
from engine.feel.ast import Node

_LOOSE = 0
_COMPARISON, _SUM, _POWER, _TIGHT = 3, 4, 6, 8
_ARITHMETIC_LEVEL = {"+": 4, "-": 4, "*": 5, "/": 5, "**": 6}
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"})


def unparse(node: Node) -> str:
    """The expression as text, with no more brackets than it needs."""
    return _text(node, _LOOSE)


def _text(node: Node, outer: int) -> str:
    text, level = _written(node)
    return f"({text})" if level < outer else text


def _list(nodes: tuple[Node, ...]) -> str:
    return ", ".join(_text(node, _LOOSE) for node in nodes)


def quoted(text: str) -> str:
    """A string literal."""
    return f'"{text.translate(_ESCAPES)}"'


def _number(value: Decimal) -> str:
    return format(value, "f") if -40 < value.adjusted() < 40 else str(value)


def _written(node: Node) -> tuple[str, int]:
    """The text of a node and how tightly it binds."""
    match node:
        case ast.Null():
            return "null", _TIGHT
        case ast.Boolean(value=value):
            return ("true" if value else "false"), _TIGHT
        case ast.Number(value=value):
            return _number(value), _TIGHT
        case ast.Text(value=value):
            return quoted(value), _TIGHT
        case ast.At(text=text):
            return "@" + quoted(text), _TIGHT
        case ast.Name(name=name):
            return name, _TIGHT
        case ast.Path(source=source, name=name):
            return f"{_text(source, _TIGHT)}.{name}", _TIGHT
        case ast.Filter(source=source, condition=condition):
            return f"{_text(source, _TIGHT)}[{_text(condition, _LOOSE)}]", _TIGHT
        case ast.Call():
            return f"{_text(node.function, _TIGHT)}({_arguments(node)})", _TIGHT
    return _operator(node) or _block(node)


def _arguments(node: ast.Call) -> str:
    if not node.names:
        return _list(node.arguments)
    return ", ".join(f"{name}: {_text(each, _LOOSE)}" for name, each in zip(node.names, node.arguments, strict=True))


def _operator(node: Node) -> tuple[str, int] | None:
    match node:
        case ast.Negate(operand=operand):
            return "-" + _text(operand, _POWER + 1), _POWER + 1
        case ast.Arithmetic(operator=operator, left=left, right=right):
            level = _ARITHMETIC_LEVEL[operator]
            return f"{_text(left, level)} {operator} {_text(right, level + 1)}", level
        case ast.Compare(operator=operator, left=left, right=right):
            return f"{_text(left, _COMPARISON)} {operator} {_text(right, _SUM)}", _COMPARISON
        case ast.And(operands=operands):
            return " and ".join(_text(each, _COMPARISON) for each in operands), 2
        case ast.Or(operands=operands):
            return " or ".join(_text(each, 2) for each in operands), 1
        case ast.Between(value=value, low=low, high=high):
            return f"{_text(value, _COMPARISON)} between {_text(low, _SUM)} and {_text(high, _SUM)}", _COMPARISON
        case ast.In(value=value, tests=tests):
            return f"{_text(value, _COMPARISON)} in ({', '.join(map(_test, tests))})", _COMPARISON
        case ast.InstanceOf(value=value, type=kind):
            return f"{_text(value, _COMPARISON)} instance of {_type(kind)}", _COMPARISON
    return None


def _test(node: Node) -> str:
    if isinstance(node, ast.Test):
        return f"{node.operator} {_text(node.operand, _SUM)}"
    return _text(node, _SUM)


def _cell(node: Node) -> str:
    return _test(node) if isinstance(node, ast.Test) else _text(node, _LOOSE)


def _block(node: Node) -> tuple[str, int]:
    match node:
        case ast.If(condition=condition, yes=yes, no=no):
            return f"if {unparse(condition)} then {unparse(yes)} else {unparse(no)}", _LOOSE
        case ast.For(bindings=bindings, body=body):
            return f"for {_bindings(bindings)} return {unparse(body)}", _LOOSE
        case ast.Quantified(quantifier=quantifier, bindings=bindings, condition=condition):
            return f"{quantifier} {_bindings(bindings)} satisfies {unparse(condition)}", _LOOSE
        case ast.FunctionLiteral(parameters=parameters, body=body, external=external):
            formal = ", ".join(each.name + (f": {_type(each.type)}" if each.type else "") for each in parameters)
            return f"function({formal}) {'external ' if external else ''}{unparse(body)}", _LOOSE
        case ast.ListLiteral(items=items):
            return f"[{_list(items)}]", _TIGHT
        case ast.ContextLiteral(entries=entries):
            return f"{{{', '.join(f'{quoted(each.key)}: {unparse(each.value)}' for each in entries)}}}", _TIGHT
        case ast.Range(low=low, high=high):
            start, end = "[" if node.low_included else "(", "]" if node.high_included else ")"
            return f"{start}{_text(low, _LOOSE + 1)}..{_text(high, _SUM)}{end}", _TIGHT
        case ast.Test():
            return f"({_test(node)})", _TIGHT
        case ast.UnaryTests(tests=tests, negated=negated):
            inside = ", ".join(map(_cell, tests)) or "-"
            return (f"not({inside})" if negated else inside), _LOOSE
    msg = f"{type(node).__name__} is no expression"
    raise TypeError(msg)


def _bindings(bindings: tuple[ast.Binding, ...]) -> str:
    return ", ".join(f"{each.name} in {_source(each.source)}" for each in bindings)


def _source(node: Node) -> str:
    if isinstance(node, ast.Span):
        return f"{_text(node.low, _LOOSE + 1)}..{_text(node.high, _LOOSE + 1)}"
    return _text(node, _LOOSE + 1)


def _type(kind: ast.TypeName) -> str:
    arguments = [_type(each) for each in kind.arguments]
    result = ""
    if kind.keys and kind.keys[-1] == "->":
        result = f" -> {arguments.pop()}"
    elif kind.keys:
        arguments = [f"{key}: {each}" for key, each in zip(kind.keys, arguments, strict=True)]
    needs_brackets = kind.name == "function" or arguments
    return kind.name + (f"<{', '.join(arguments)}>" if needs_brackets else "") + result
