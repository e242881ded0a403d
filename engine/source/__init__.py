"""Reading what people write: YAML with places, and problems as data."""

from pathlib import Path

from engine.source.convert import convert
from engine.source.excerpt import did_you_mean, pointed
from engine.source.expression import Expression
from engine.source.folder import Folder, Memory, Tree
from engine.source.nodes import Document
from engine.source.parsing import parse_yaml
from engine.source.problem import ConfigError, Place, Problem
from engine.source.scalars import plain

__all__ = [
    "ConfigError",
    "Document",
    "Expression",
    "Folder",
    "Memory",
    "Place",
    "Problem",
    "Tree",
    "convert",
    "did_you_mean",
    "parse_yaml",
    "plain",
    "pointed",
    "read_yaml",
]


def read_yaml(path: Path | str, root: Path | Tree) -> Document:
    """Read one YAML file below `root`; what is wrong with it is in the document's `problems`."""
    tree = Folder(root) if isinstance(root, Path) else root
    file = Path(path)
    if file.is_absolute() and isinstance(root, Path):
        file = file.relative_to(root) if file.is_relative_to(root) else file
    content = tree.read(file.as_posix())
    if isinstance(content, Problem):
        return Document(file.as_posix(), problems=(content,))
    return parse_yaml(content, file.as_posix())
