"""Finds the place of a value by its path, for checks that see plain values only."""

from collections.abc import Sequence

from engine.source.nodes import Document, Entries, Items, Node
from engine.source.problem import Place


def locate(document: Document, path: Sequence[str]) -> Place:
    """Return the place of what a path of keys and list indexes leads to, or of the last part that is there."""
    node: Node | None = document.root
    place = node.place if node else Place(document.file)
    for part in path:
        if isinstance(node, Entries) and part in node.items:
            place, node = node.items[part].key.place, node.items[part].value
        elif isinstance(node, Items) and part.isdigit() and int(part) < len(node.items):
            node = node.items[int(part)]
            place = node.place
        else:
            break
    return place
