"""From YAML nodes to msgspec structs: all faults at once, each with its place."""

import re
from collections.abc import Sequence
from typing import Any, Final, TypeVar, cast

from msgspec import inspect

from engine.source.excerpt import did_you_mean, excerpt
from engine.source.expression import Expression
from engine.source.nodes import Document, Entries, Entry, Items, Node, Scalar
from engine.source.problem import Place, Problem
from engine.source.scalars import UNFIT, article, fit, is_null, plain
from engine.source.shapes import Shape, declared, is_place, shape_of, unwrap, written
from engine.source.spots import expression
from engine.source.text import Lines

T = TypeVar("T")
_SPOKEN_WITH_VOWEL = re.compile(r"[aeio]|[fhlmnrsx][^aeiou ]*( |$)")  # an http source is spelt out
FORMAT: Final = "format"


def convert(document: Document, kind: type[T], *, key: str = "") -> tuple[T | None, list[Problem]]:
    """Return the document as a struct of `kind`, and all its faults, those of reading included.

    What is faulty in a list or mapping is left out of the struct, so that the rest can be checked too; None when
    nothing useful remains. `key` fills the field that a struct takes from outside (its `key_field`).
    """
    if document.root is None:
        return None, list(document.problems)
    conversion = _Conversion(document)
    conversion.format(document.root, kind)
    value = conversion.value(document.root, shape_of(cast("Any", kind)), key)
    found = {problem.place.line for problem in document.problems if problem.place}
    problems = [each for each in conversion.problems if each.place is None or each.place.line not in found]
    return (None if value is UNFIT else value), [*document.problems, *problems]


class _Conversion:
    """One document on its way to a struct."""

    def __init__(self, document: Document) -> None:
        self.text = document.text
        self.lines = Lines(document.text, document.file)
        self.problems: list[Problem] = []

    def fault(self, code: str, message: str, at: Node, hint: str = "", place: Place | None = None) -> Any:  # noqa: ANN401
        place = place or at.place
        length = max(1, at.end - at.start) if isinstance(at, Scalar) and not at.style else 1
        self.problems.append(Problem(code, message, place, hint, excerpt(self.text, place, length)))
        return UNFIT

    def format(self, root: Node, kind: type[Any]) -> None:
        if not isinstance(root, Entries) or FORMAT not in kind.__struct_encode_fields__:
            return
        if FORMAT not in root.items:
            self.fault("missing-format", "the format version is missing", root, "write `format: 1` as the first line")

    def value(self, node: Node, shape: Shape, key: str = "") -> Any:  # noqa: ANN401
        """The node as a value of that shape, UNFIT after reporting why not."""
        inner, kind = unwrap(shape)
        match inner:
            case inspect.UnionType():
                return self.union(node, inner, kind, key)
            case inspect.StructType():
                return self.struct(node, inner, kind, key)
            case inspect.DictType():
                return self.mapping(node, inner)
            case inspect.ListType() | inspect.VarTupleType() | inspect.FrozenSetType():
                return self.items(node, inner)
            case inspect.AnyType():
                return plain(node)
        if isinstance(node, Scalar):
            result, expected = fit(node, inner, kind)
            return result if not expected else self.misfit(node, expected, inner)
        return self.misfit(node, "", inner, kind)

    def misfit(self, node: Node, expected: str, shape: Shape, kind: str = "") -> Any:  # noqa: ANN401
        expected = expected or article(shape, kind)
        found = f"`{node.text}`" if isinstance(node, Scalar) else "keys" if isinstance(node, Entries) else "a list"
        if isinstance(node, Scalar) and is_null(node):
            found = "nothing"
        if isinstance(shape, inspect.LiteralType) and isinstance(node, Scalar):
            found += did_you_mean(node.text, map(str, shape.values))
        hint = ""
        if not isinstance(node, Scalar):
            start = self.text.split("\n")[node.place.line - 1][node.place.column - 1 :]
            if shape == shape_of(Expression) and start[:1] in "[{" and start.count("[") == start.count("]"):
                hint = f"in YAML this is {found}; write the FEEL in quotes: '{start.strip()}'"
        return self.fault("wrong-type", f"expected {expected}, found {found}", node, hint)

    def union(self, node: Node, shape: inspect.UnionType, kind: str, key: str) -> Any:  # noqa: ANN401
        members = [member for member in shape.types if not isinstance(member, inspect.NoneType)]
        if len(members) < len(shape.types) and isinstance(node, Scalar) and is_null(node):
            return None
        fitting = [member for member in members if _takes(unwrap(member)[0], node)]
        if len(fitting) == 1 or (fitting and not isinstance(node, Scalar)):
            return self.value(node, fitting[0], key)
        for member in fitting:
            inner, name = unwrap(member)
            result, expected = fit(node, inner, name or kind) if isinstance(node, Scalar) else (UNFIT, "")
            if not expected:
                return self.value(node, member, key) if isinstance(inner, inspect.StructType) else result
        return self.untagged(node, members) or self.misfit(
            node, " or ".join(dict.fromkeys(article(*unwrap(member)) for member in members)), members[0]
        )

    def untagged(self, node: Node, members: Sequence[Shape]) -> Any:  # noqa: ANN401
        """Tell of keys whose tag, such as `kind`, is missing or names none of the kinds there are; None for others."""
        kinds = [
            inner for inner, _ in map(unwrap, members) if isinstance(inner, inspect.StructType) and inner.tag_field
        ]
        if not kinds or not isinstance(node, Entries):
            return None
        field, known = str(kinds[0].tag_field), ", ".join(str(each.tag) for each in kinds)
        tag = node.items.get(field)
        if tag is None:
            return self.fault("missing-key", f"the key `{field}` is missing", node, f"expected one of {known}")
        found = f"`{tag.value.text}`" if isinstance(tag.value, Scalar) else "something else"
        return self.fault("wrong-type", f"expected one of {known}, found {found}", tag.value)

    def items(self, node: Node, shape: Any) -> Any:  # noqa: ANN401
        if not isinstance(node, Items):
            if isinstance(node, Scalar) and not is_null(node):
                values = [self.value(node, shape.item_type)]  # one item may stand without its list
            else:
                return self.misfit(node, "a list", shape)
        else:
            values = [self.value(item, shape.item_type) for item in node.items]
        return shape_of_items(shape)(value for value in values if value is not UNFIT)

    def mapping(self, node: Node, shape: inspect.DictType) -> Any:  # noqa: ANN401
        if not isinstance(node, Entries):
            return self.misfit(node, "keys with values", shape)
        result: dict[Any, Any] = {}
        for entry in node.items.values():
            name = self.value(entry.key, shape.key_type)
            value = self.value(entry.value, shape.value_type, entry.key.text)
            if name is not UNFIT and value is not UNFIT:
                result[name] = value
        return result

    def struct(self, node: Node, shape: inspect.StructType, kind: str, key: str) -> Any:  # noqa: ANN401
        if shape.cls is Expression:
            if not isinstance(node, Scalar):
                return self.misfit(node, article(shape, kind), shape)
            if is_null(node) and node.end == node.start:
                return self.fault("wrong-type", f"expected {article(shape, kind)}, found nothing", node)
            return expression(node, self.text, self.lines)
        short = getattr(shape.cls, "short_form", "")
        if short and isinstance(node, Scalar):
            wrapped = Entries(node.place, {short: Entry(Scalar(short, node.place), node)})
            return self.struct(wrapped, shape, kind, key)
        if not isinstance(node, Entries):
            return self.misfit(node, f"the keys of {_title(shape.cls)}", shape)
        return self.fields(node, shape, key)

    def fields(self, node: Entries, shape: inspect.StructType, key: str) -> Any:  # noqa: ANN401
        given = declared(shape.cls, "key_field")
        rest = declared(shape.cls, "rest_field")
        values: dict[str, Any] = {given: key} if given and key else {}
        values |= {rest: plain(node)} if rest else {}
        whole = True
        known = {field.encode_name: field for field in written(shape)}
        if shape.tag_field:
            known.pop(shape.tag_field, None)
        for name, entry in node.items.items():
            field = known.get(name)
            if field is not None:
                value = self.value(entry.value, field.type)
                whole = whole and (value is not UNFIT or not field.required)
                if value is not UNFIT:
                    values[field.name] = value
            elif name != shape.tag_field and not rest:
                self.unknown(entry.key, shape.cls, [*known, *([shape.tag_field] if shape.tag_field else [])])
        for field in known.values():
            if field.required and field.encode_name not in node.items:
                whole = False
                message = f"{_title(shape.cls)} needs the key `{field.encode_name}`"
                self.fault("missing-key", message, node, f"expected {article(*unwrap(field.type))}")
        values |= {field.name: node.place for field in shape.fields if is_place(field)}
        if not whole:
            return UNFIT
        try:
            return shape.cls(**values)
        except ValueError as contradiction:  # what a struct says of its own keys when it is made
            return self.fault("bad-setting", str(contradiction), node)

    def unknown(self, key: Scalar, cls: type[Any], known: list[str]) -> None:
        message = f"`{key.text}` is no key of {_title(cls)}{did_you_mean(key.text, known)}"
        self.fault("unknown-key", message, key, f"known keys: {', '.join(known)}")


def shape_of_items(shape: Any) -> Any:  # noqa: ANN401
    """The collection that a list shape makes."""
    match shape:
        case inspect.VarTupleType():
            return tuple
        case inspect.FrozenSetType():
            return frozenset
    return list


def _takes(shape: Shape, node: Node) -> bool:
    match shape:
        case inspect.StructType():
            if shape.cls is Expression:
                return isinstance(node, Scalar)
            if isinstance(node, Scalar):
                return bool(getattr(shape.cls, "short_form", ""))
            return isinstance(node, Entries) and _tag_fits(shape, node)
        case inspect.DictType():
            return isinstance(node, Entries)
        case inspect.ListType() | inspect.VarTupleType() | inspect.FrozenSetType():
            return isinstance(node, Items)
        case inspect.AnyType():
            return True
    return isinstance(node, Scalar)


def _tag_fits(shape: inspect.StructType, node: Entries) -> bool:
    tag = node.items.get(shape.tag_field) if shape.tag_field else None
    return not shape.tag_field or (tag is not None and isinstance(tag.value, Scalar) and tag.value.text == shape.tag)


def _title(cls: type[Any]) -> str:
    words = getattr(cls, "title_in_messages", "") or "".join(
        f" {c.lower()}" if c.isupper() else c for c in cls.__name__
    )
    words = words.strip()
    return f"{'an' if _SPOKEN_WITH_VOWEL.match(words) else 'a'} {words}"
