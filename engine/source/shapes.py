"""What the structs say about the files, by introspection.

`msgspec.inspect.type_info` refuses unions such as text or a struct of text; so its classes are filled here.
"""

import types
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

import msgspec
from msgspec import inspect

from engine.source.problem import Place

Shape: TypeAlias = inspect.Type
_SIMPLE: dict[Any, type[inspect.Type]] = {
    Any: inspect.AnyType,
    str: inspect.StrType,
    int: inspect.IntType,
    float: inspect.FloatType,
    bool: inspect.BoolType,
    timedelta: inspect.TimeDeltaType,
    Decimal: inspect.DecimalType,
    type(None): inspect.NoneType,
}


@cache
def shape_of(kind: Any) -> Shape:  # noqa: ANN401  (any type annotation)
    """Return the description of a type annotation."""
    if kind in _SIMPLE:
        return _SIMPLE[kind]()
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        meta = next((each for each in arguments[1:] if isinstance(each, msgspec.Meta)), None)
        return inspect.Metadata(_bounded(shape_of(arguments[0]), meta), extra=meta.extra if meta else None)
    if origin in (Union, types.UnionType):
        return inspect.UnionType(tuple(map(shape_of, arguments)))
    if origin is Literal:
        return inspect.LiteralType(arguments)
    if origin in (dict, Mapping):
        return inspect.DictType(shape_of(arguments[0]), shape_of(arguments[1]))
    if origin in _COLLECTIONS:
        collection: Shape = _COLLECTIONS[origin](shape_of(arguments[0]))
        return collection
    return _struct(kind) if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else inspect.AnyType()


def _bounded(shape: Shape, meta: msgspec.Meta | None) -> Shape:
    """Return the shape with the limits that an annotation sets."""
    found = {name: getattr(meta, name) for name in _BOUNDS if name in shape.__struct_fields__} if meta else {}
    return msgspec.structs.replace(shape, **{name: value for name, value in found.items() if value is not None})


_BOUNDS = ("gt", "ge", "lt", "le", "pattern")
_COLLECTIONS: dict[Any, Any] = {
    list: inspect.ListType,
    tuple: inspect.VarTupleType,
    frozenset: inspect.FrozenSetType,
}


def _struct(cls: type[msgspec.Struct]) -> inspect.StructType:
    fields = tuple(
        inspect.Field(
            each.name, each.encode_name, shape_of(each.type), each.required, each.default, each.default_factory
        )
        for each in msgspec.structs.fields(cls)
    )
    config = cls.__struct_config__
    return inspect.StructType(cls, fields, tag_field=config.tag_field, tag=config.tag)


def unwrap(shape: Shape) -> tuple[Shape, str]:
    """Return the shape without its metadata, and the kind of text that the metadata named."""
    kind = ""
    while isinstance(shape, inspect.Metadata):
        kind = kind or (shape.extra or {}).get("kind", "")
        shape = shape.type
    return shape, kind


def is_place(field: inspect.Field) -> bool:
    """Whether the field is filled with the place of its struct."""
    return isinstance(field.type, inspect.StructType) and field.type.cls is Place


def written(shape: inspect.StructType) -> list[inspect.Field]:
    """Return the fields that people write; the others are filled from outside."""
    filled = {declared(shape.cls, "key_field"), declared(shape.cls, "rest_field")}
    return [field for field in shape.fields if field.name not in filled and not is_place(field)]


def declared(cls: type[Any], name: str) -> str:
    """Return what a struct's class says of itself under a name, empty when that is one of its fields or nothing."""
    return "" if name in cls.__struct_fields__ else str(getattr(cls, name, ""))
