"""Single values: how YAML 1.2 reads a plain word (core schema, 10.3.2), and whether it fits a type."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec import inspect

from engine.source.expression import Expression
from engine.source.kinds import FORMS
from engine.source.nodes import Items, Node, Scalar
from engine.source.shapes import Shape, unwrap


class _Unfit:
    def __repr__(self) -> str:
        return "UNFIT"


UNFIT: Final = _Unfit()
"""Stands for a value that could not be read; its reason was reported."""

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def is_null(scalar: Scalar) -> bool:
    """Whether the value is empty or a plain null."""
    return not scalar.style and scalar.text in _NULL


def resolve(scalar: Scalar) -> bool | int | Decimal | str | None:
    """Return the value that YAML's core schema gives a scalar; dates stay text, numbers are exact."""
    text = scalar.text
    if scalar.style:
        return text
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) < 1000 else Decimal(text)
    return Decimal(text) if _NUMBER.fullmatch(text) else text


def plain(node: Node) -> Any:  # noqa: ANN401  (any data)
    """Return a node as dicts, lists and values."""
    if isinstance(node, Scalar):
        return resolve(node)
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {name: plain(entry.value) for name, entry in node.items.items()}


def fit(scalar: Scalar, shape: Shape, kind: str) -> tuple[Any, str]:
    """Return the value as the shape wants it, and what was expected when it does not fit."""
    if isinstance(shape, inspect.StructType) and shape.cls is Expression:
        return None, ""
    fitted = _fitted(scalar, resolve(scalar), shape, kind)
    return (UNFIT, article(shape, kind)) if fitted is UNFIT else (fitted, "")


def _fitted(scalar: Scalar, value: Any, shape: Shape, kind: str) -> Any:  # noqa: ANN401
    exact = isinstance(value, int | Decimal) and not isinstance(value, bool)
    fits = False
    match shape:
        case inspect.StrType():
            fits, value = (
                value is not None
                and not isinstance(value, bool)
                and _form_fits(kind, scalar.text)
                and (shape.pattern is None or re.search(shape.pattern, scalar.text) is not None),
                scalar.text,
            )
        case inspect.BoolType():
            fits = isinstance(value, bool)
        case inspect.IntType():
            fits = exact and isinstance(value, int) and _in_range(value, shape)
        case inspect.FloatType():
            fits, value = exact and _in_range(value, shape), float(value) if exact else value
        case inspect.DecimalType():
            fits, value = exact, Decimal(value) if exact else value
        case inspect.LiteralType():
            return {str(each): each for each in shape.values}.get(scalar.text, UNFIT)
        case inspect.TimeDeltaType():
            return _duration(scalar.text)
    return value if fits else UNFIT


def _duration(text: str) -> Any:  # noqa: ANN401
    try:
        return msgspec.convert(text, timedelta, strict=False)
    except msgspec.ValidationError:
        return UNFIT


def _form_fits(kind: str, text: str) -> bool:
    form = FORMS.get(kind)
    return form is None or form.fits(text)


def _in_range(value: int | Decimal, shape: inspect.IntType | inspect.FloatType) -> bool:
    low = (shape.ge is None or value >= shape.ge) and (shape.gt is None or value > shape.gt)
    return low and (shape.le is None or value <= shape.le) and (shape.lt is None or value < shape.lt)


def article(shape: Shape, kind: str = "") -> str:
    """Return what a shape expects, in words."""
    shape, inner = unwrap(shape)
    kind = kind or inner
    if form := FORMS.get(kind):
        return f"{form.expected} such as {form.example}"
    match shape:
        case inspect.StructType():
            if shape.cls is Expression:
                return kind or "a FEEL expression"
            short = getattr(shape.cls, "short_form", "")
            fields = {field.name: field.type for field in shape.fields}
            return f"keys{' or ' + article(fields[short]) if short else ''}"
        case inspect.LiteralType():
            return (
                "one of " + ", ".join(str(value) for value in shape.values)
                if len(shape.values) > 1
                else str(shape.values[0])
            )
        case inspect.UnionType():
            told = (article(each) for each in shape.types if not isinstance(each, inspect.NoneType))
            return " or ".join(dict.fromkeys(told))
        case inspect.IntType():
            return f"a whole number{_limits(shape)}"
        case inspect.FloatType():
            return f"a number{_limits(shape)}"
        case inspect.StrType() if shape.pattern and not kind:
            return f"text that matches {shape.pattern}"
    return kind or _WORDS.get(type(shape), "a value")


def _limits(shape: inspect.IntType | inspect.FloatType) -> str:
    """Return the limits of a number in words."""
    told = (("of at least", shape.ge), ("above", shape.gt), ("of at most", shape.le), ("below", shape.lt))
    found = " and ".join(f"{words} {bound:g}" for words, bound in told if bound is not None)
    return f" {found}".rstrip()


_WORDS: Final = {
    inspect.StrType: "text",
    inspect.BoolType: "true or false",
    inspect.FloatType: "a number",
    inspect.DecimalType: "a number",
    inspect.TimeDeltaType: "a duration such as PT5M",
    inspect.DictType: "keys with values",
    inspect.ListType: "a list",
    inspect.VarTupleType: "a list",
    inspect.FrozenSetType: "a list",
    inspect.NoneType: "nothing",
}
