"""JSON Schemas (draft 7, what YAML editors know) from the same structs that read the files."""

import inspect as python_inspect
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, inspect

from engine.source.describe import default_of, meanings
from engine.source.expression import Expression
from engine.source.kinds import FORMS
from engine.source.shapes import Shape, shape_of, unwrap, written

Schema = dict[str, Any]

_PLAIN: Mapping[type[Shape], Schema] = {
    inspect.StrType: {"type": ["string", "number"]},
    inspect.BoolType: {"type": "boolean"},
    inspect.IntType: {"type": "integer"},
    inspect.FloatType: {"type": "number"},
    inspect.DecimalType: {"type": "number"},
    inspect.NoneType: {"type": "null"},
    inspect.AnyType: {},
}


def json_schema(kind: type[Struct]) -> Schema:
    """Return the schema of a file that holds one struct."""
    definitions: dict[str, Schema] = {}
    root = _shape(shape_of(kind), definitions)
    return {"$schema": "http://json-schema.org/draft-07/schema#", **root, "definitions": definitions}


def _shape(shape: Shape, definitions: dict[str, Schema]) -> Schema:
    inner, kind = unwrap(shape)
    match inner:
        case inspect.StructType(cls=cls) if cls is Expression:
            return {"type": ["string", "number", "boolean"]}
        case inspect.StructType():
            return _reference(inner, definitions)
        case inspect.UnionType():
            return {"anyOf": [_shape(each, definitions) for each in inner.types]}
        case inspect.LiteralType():
            return {"enum": list(inner.values)}
        case inspect.DictType():
            schema: Schema = {"type": "object", "additionalProperties": _shape(inner.value_type, definitions)}
            form = FORMS.get(unwrap(inner.key_type)[1])
            return schema | ({"propertyNames": {"pattern": form.pattern}} if form and form.pattern else {})
        case inspect.ListType() | inspect.VarTupleType() | inspect.FrozenSetType():
            item = _shape(inner.item_type, definitions)
            whole = {"type": "array", "items": item}
            return whole if "$ref" in item or not item else {"anyOf": [whole, item]}
    form = FORMS.get(kind)
    plain = dict(_PLAIN[type(inner)])
    if form:
        plain |= {"type": "string", "examples": [form.example]} | ({"pattern": form.pattern} if form.pattern else {})
    return plain


def _reference(shape: inspect.StructType, definitions: dict[str, Schema]) -> Schema:
    name = shape.cls.__name__
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _object(shape, definitions)
    return {"$ref": f"#/definitions/{name}"}


def _object(shape: inspect.StructType, definitions: dict[str, Schema]) -> Schema:
    fields, texts = written(shape), meanings(shape.cls)
    required = [field.encode_name for field in fields if field.required or field.name == "format"]
    schema: Schema = {
        "type": "object",
        "description": python_inspect.getdoc(shape.cls) or "",
        "properties": {field.encode_name: _property(field, texts, definitions) for field in fields},
        "additionalProperties": bool(getattr(shape.cls, "rest_field", "")),
    }
    schema |= {"required": required} if required else {}
    short = getattr(shape.cls, "short_form", "")
    if not short:
        return schema
    value = next(field for field in fields if field.name == short)
    return {"anyOf": [_without_null(_shape(value.type, definitions)), schema]}


def _without_null(schema: Schema) -> Schema:
    rest = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    return rest[0] if len(rest) == 1 else schema


def _property(field: inspect.Field, texts: Mapping[str, str], definitions: dict[str, Schema]) -> Schema:
    schema = _shape(field.type, definitions)
    default = default_of(field)
    if "$ref" in schema:  # draft 7 ignores what stands beside $ref
        schema = {"allOf": [schema]}
    schema |= {"description": texts[field.name]} if field.name in texts else {}
    return schema if default is None else schema | {"default": default}
