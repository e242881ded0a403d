"""What a YAML file says, with the place of every key and value."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.source.problem import Place, Problem


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value; `style` is `"`, `'`, `|`, `>` or empty for a plain one, `start` and `end` offsets in the file.

    `in_flow`: it stands inside `{...}` or `[...]`.
    """

    text: str
    place: Place
    style: str = ""
    start: int = 0
    end: int = 0
    in_flow: bool = False


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping; keys are unique."""

    place: Place
    items: dict[str, "Entry"] = field(default_factory=dict)
    in_flow: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    place: Place
    items: tuple["Node", ...] = ()
    in_flow: bool = False


Node = Scalar | Entries | Items


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with its value."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read: its name as shown to people, its text, and its content unless it has faults."""

    file: str
    text: str = ""
    root: Node | None = None
    problems: tuple[Problem, ...] = ()


def scalars(node: Node) -> Iterator[Scalar]:
    """Every value in a node, keys included, in the order of the file."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Items):
        for item in node.items:
            yield from scalars(item)
    else:
        for entry in node.items.values():
            yield entry.key
            yield from scalars(entry.value)
