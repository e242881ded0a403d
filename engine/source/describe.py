"""What each key means, from the text below each field of a struct (attribute docstrings, as Sphinx reads them)."""

import ast
import inspect
import textwrap
from functools import cache
from itertools import pairwise
from typing import Any

from msgspec import NODEFAULT, Struct
from msgspec.inspect import Field, StructType

from engine.source.expression import Expression
from engine.source.shapes import Shape, unwrap, written


@cache
def meanings(cls: type[Struct]) -> dict[str, str]:
    """Return the documentation of each field of a struct by its Python name."""
    found = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    body = found.body if isinstance(found, ast.ClassDef) else []
    result: dict[str, str] = {}
    for statement, following in pairwise(body):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            text = following.value if isinstance(following, ast.Expr) else None
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                result[statement.target.id] = inspect.cleandoc(text.value).replace("\n", " ")
    return result


def default_of(field: Field) -> Any:  # noqa: ANN401  (any plain value)
    """Return the default of a field as a plain value, None when it has none or an empty one."""
    value = field.default_factory() if field.default_factory is not NODEFAULT else field.default
    if value is NODEFAULT or isinstance(value, Struct) or value in ((), [], {}, ""):
        return None
    return sorted(value) if isinstance(value, frozenset) else value


def structs_below(shape: Shape) -> list[StructType]:
    """Return all structs that people write inside a shape, itself first, each once."""
    found: list[StructType] = []
    waiting = [shape]
    while waiting:
        inner, _ = unwrap(waiting.pop(0))
        if isinstance(inner, StructType) and inner.cls is not Expression and inner not in found:
            found.append(inner)
        waiting += _inside(inner)
    return found


def _inside(shape: Shape) -> list[Shape]:
    match shape:
        case StructType(cls=cls) if cls is not Expression:
            return [field.type for field in written(shape)]
    parts = [getattr(shape, name, None) for name in ("item_type", "key_type", "value_type")]
    return [*(part for part in parts if part is not None), *getattr(shape, "types", ())]
