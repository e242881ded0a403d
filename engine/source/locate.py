"""Finds the place of a key or value of a struct, or of a path in a document."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.source.nodes import Document, Entries, Items, Node
from engine.source.problem import Place


@dataclass(frozen=True, slots=True)
class Index:
    """The mappings of all files by their place, which is the `place` of the struct made from one."""

    entries: Mapping[Place, Entries] = field(default_factory=dict)

    @classmethod
    def of(cls, documents: Sequence[Document]) -> "Index":
        """Index every mapping of the documents."""
        roots = (document.root for document in documents if document.root is not None)
        return cls({each.place: each for root in roots for each in _mappings(root)})

    def value(self, place: Place, *path: str) -> Place:
        """Return the place of the value that a path leads to from a struct, or of the last part that is there."""
        node = self.entries.get(place)
        return _walk(node, path, place)[1] if node else place

    def key(self, place: Place, *path: str) -> Place:
        """Return the place of the key that ends a path, as `value` does."""
        node = self.entries.get(place)
        return _walk(node, path, place)[0] if node else place


def locate(document: Document, path: Sequence[str]) -> Place:
    """Return the place of the key that a path of keys and list indexes leads to, or of the last part that is there."""
    start = document.root.place if document.root else Place(document.file)
    return _walk(document.root, path, start)[0] if document.root else start


def _walk(node: Node, path: Sequence[str], start: Place) -> tuple[Place, Place]:
    """Follow a path; return the places of the last key and of the last value."""
    key = value = start
    for part in path:
        if isinstance(node, Entries) and part in node.items:
            key, node = node.items[part].key.place, node.items[part].value
        elif isinstance(node, Items) and part.isdigit() and int(part) < len(node.items):
            node = node.items[int(part)]
            key = node.place
        else:
            break
        value = node.place
    return key, value


def _mappings(node: Node) -> Iterator[Entries]:
    if isinstance(node, Entries):
        yield node
        for entry in node.items.values():
            yield from _mappings(entry.value)
    elif isinstance(node, Items):
        for item in node.items:
            yield from _mappings(item)
