"""Secrets that were written into a file instead of the environment."""

import re
from collections.abc import Iterator

from engine.source.nodes import Document, Entries, Items, Node, Scalar
from engine.source.problem import Problem
from engine.source.scalars import resolve

_SECRET = re.compile(r"password|passwd|secret|token|api_?key|bearer|private_?key", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@", re.IGNORECASE)


def check_secrets(document: Document) -> list[Problem]:
    """Return a problem for each value that looks like a secret; its text is not shown."""
    if document.root is None or not document.file.startswith("config/"):
        return []
    declared = document.file == "config/model.yaml"  # a name there is a field's: what a token is, never which
    return [_problem(name, each) for name, each in _literals(document.root, "") if not (declared and name)]


def _literals(node: Node, secret: str) -> Iterator[tuple[str, Scalar]]:
    if isinstance(node, Scalar):
        if (secret and isinstance(resolve(node), str) and node.text) or _IN_ADDRESS.match(node.text):
            yield secret, node
    elif isinstance(node, Items):
        for item in node.items:
            yield from _literals(item, secret)
    else:
        yield from _entries(node, secret)


def _entries(node: Entries, secret: str) -> Iterator[tuple[str, Scalar]]:
    for name, entry in node.items.items():
        if name == "env" and isinstance(entry.value, Scalar):
            continue
        if name == "default" and "env" in node.items:
            yield from _literals(entry.value, secret)
        elif isinstance(entry.value, Scalar):
            yield from _literals(entry.value, name if _SECRET.search(name) else "")
        else:
            yield from _literals(entry.value, name if _SECRET.search(name) and _is_env(entry.value) else "")


def _is_env(node: Node) -> bool:
    return isinstance(node, Entries) and "env" in node.items


def _problem(name: str, scalar: Scalar) -> Problem:
    what = f"`{name}`" if name else "this address"
    message = f"{what} holds a secret; a file under version control is no place for it"
    variable = f"OPSLAYER_{name.upper()}" if name else "OPSLAYER_URL"
    return Problem("secret-in-yaml", message, scalar.place, f"write {{env: {variable}}} and set that variable")
