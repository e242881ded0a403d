"""JSON Schemas for editors and the page of all keys for people, both from the structs that read the files."""

import json
from typing import Any

from msgspec import inspect

from engine.rules.codes import PAGE, problems_page
from engine.rules.files import BESIDE, KINDS, FileKind
from engine.rules.keyexamples import example_of
from engine.source.describe import default_of, meanings, structs_below
from engine.source.expression import Expression
from engine.source.schema import Schema, json_schema
from engine.source.shapes import Shape, shape_of, unwrap, written

FOLDER = "config/schemas"
_WORDS: dict[type[Shape], str] = {
    inspect.StrType: "text",
    inspect.BoolType: "true or false",
    inspect.IntType: "whole number",
    inspect.FloatType: "number",
    inspect.DecimalType: "number",
    inspect.AnyType: "any value",
    inspect.NoneType: "nothing",
}


def schemas() -> dict[str, Schema]:
    """Return the schema of each kind of file, by the schema's file name."""
    return {f"{kind.name}.json": json_schema(kind.struct) for kind in (*KINDS, *BESIDE)}


def schema_files() -> dict[str, str]:
    """Return the files that `opslayer schema` writes below a home folder, by path."""
    return {f"{FOLDER}/{name}": json.dumps(schema, indent=2) + "\n" for name, schema in schemas().items()}


def modeline(file: str) -> str:
    """Return the first line that ties a YAML file to its schema in VS Code and JetBrains; empty for other files."""
    parts = file.split("/")
    for kind in (*KINDS, *BESIDE):
        pattern = kind.pattern.split("/")
        if (
            kind.is_yaml
            and len(pattern) == len(parts)
            and all(a in ("*", b) or "*" in a for a, b in zip(pattern, parts, strict=True))
        ):
            return f"# yaml-language-server: $schema={'../' * (len(parts) - 1)}{FOLDER}/{kind.name}.json"
    return ""


def keys_page() -> str:
    """Return the page that lists every key of every file, as Markdown."""
    lines = [
        "# Every key of every file",
        "",
        "Generated from the structs that read the files (`engine/rules/reference.py`); a test keeps it current.",
        "FEEL means an expression (DMN 1.5), checked against the model when the files are read. A name is letters,",
        "digits, `_` and `-`. A duration is ISO 8601: `P7D`, `PT2H30M`. Where the type allows `env`, write",
        "`{env: NAME, default: ...}` to take the value from the environment.",
    ]
    for kind in (*KINDS, *BESIDE):
        lines += ["", f"## {kind.pattern}", ""]
        lines += [f"First line for editors: `{modeline(kind.pattern)}`", ""] if modeline(kind.pattern) else []
        lines += _tables(kind)
    return "\n".join(lines) + "\n"


def _tables(kind: FileKind) -> list[str]:
    lines: list[str] = []
    for shape in structs_below(shape_of(kind.struct)):
        name, texts = shape.cls.__name__, meanings(shape.cls)
        lines += [f"### {_title(name)}", "", " ".join((shape.cls.__doc__ or "").split()), ""]
        lines += ["| key | meaning | type | default | example |", "|---|---|---|---|---|"]
        for field in written(shape):
            default = "required" if field.required or field.name == "format" else _default(default_of(field))
            words, example = type_words(field.type), example_of(shape.cls.__name__, field)
            example = f"`{example}`" if example else ""
            row = (f"`{field.encode_name}`", texts.get(field.name, ""), words, default, example)
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")
        lines.append("")
    return lines[:-1]


def _default(value: Any) -> str:  # noqa: ANN401  (any plain value)
    return "" if value is None else f"`{json.dumps(value, default=str, ensure_ascii=False)}`"


def _title(name: str) -> str:
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip().capitalize()


def type_words(shape: Shape) -> str:
    """Return the type of a key in words: FEEL, text, name, duration ..."""
    inner, kind = unwrap(shape)
    if kind:
        return kind
    match inner:
        case inspect.StructType(cls=cls):
            short = getattr(cls, "short_form", "")
            fields = {field.name: field.type for field in inner.fields}
            own = (
                "FEEL"
                if cls is Expression
                else f"[{_title(cls.__name__).lower()}](#{_title(cls.__name__).lower().replace(' ', '-')})"
            )
            return f"{type_words(fields[short])}, or {own}" if short else own
        case inspect.LiteralType():
            return ", ".join(f"`{value}`" for value in inner.values)
        case inspect.UnionType():
            return " or ".join(type_words(each) for each in inner.types if not isinstance(each, inspect.NoneType))
        case inspect.DictType():
            return f"{type_words(inner.key_type)} → {type_words(inner.value_type)}"
        case inspect.ListType() | inspect.VarTupleType() | inspect.FrozenSetType():
            return f"list of {type_words(inner.item_type)}"
    return _WORDS[type(inner)]


def pages() -> dict[str, str]:
    """Return the generated pages by their path in the project."""
    return {"docs/reference/keys.md": keys_page(), PAGE: problems_page()}
