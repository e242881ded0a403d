"""Faults of plain data, such as settings whose environment was resolved, told as those of a file are."""

from collections.abc import Mapping
from typing import Any

from engine.source.convert import convert
from engine.source.nodes import Document, Entries, Entry, Items, Node, Scalar
from engine.source.problem import Place, Problem


def faults(data: Any, kind: type[Any], path: str) -> list[Problem]:  # noqa: ANN401  (any data)
    """Return all that keeps `data` from being a struct of `kind`; a place's file is the path, such as `sources.erp`."""
    return convert(Document(path, root=_node(data, path)), kind)[1]


def _node(value: Any, path: str) -> Node:  # noqa: ANN401
    place = Place(path)
    match value:
        case Mapping():
            return Entries(
                place, {str(name): _entry(str(name), each, f"{path}.{name}") for name, each in value.items()}
            )
        case list() | tuple():
            return Items(place, tuple(_node(each, f"{path}.{index}") for index, each in enumerate(value)))
        case None:
            return Scalar("", place)
        case bool():
            return Scalar("true" if value else "false", place)
    return Scalar(str(value), place, style="" if str(value) else '"')  # an empty text is one, and not nothing


def _entry(name: str, value: Any, path: str) -> Entry:  # noqa: ANN401
    return Entry(Scalar(name, Place(path)), _node(value, path))
