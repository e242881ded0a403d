"""DMN files to plain elements without namespaces; nothing outside of the file is ever read."""

from typing import Any
from xml.etree import ElementTree as ET  # document types, and with them entities, are refused below

MAX_BYTES = 10_000_000
MAX_DEPTH = 200
NAMESPACE = "www.omg.org/spec/DMN/"


class DmnError(Exception):
    """The file is no DMN model, or has no such decision; the message says what is wrong."""


class _Guarded(ET.TreeBuilder):
    """Builds the tree, refuses document types and deep nesting, and drops namespaces."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.namespaces: set[str] = set()

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """Refuse the declaration that entities would stand in."""
        del name, pubid, system
        raise DmnError("the file has a document type; entities are not read")

    def start(self, tag: Any, attrs: dict[Any, Any]) -> ET.Element:  # noqa: ANN401  (typeshed's signature)
        """Open an element."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise DmnError("the file is nested too deeply")
        space, _, name = str(tag).rpartition("}")
        self.namespaces.add(space.removeprefix("{"))
        plain = {key: value for key, value in attrs.items() if not str(key).startswith("{")}
        return super().start(name, plain)

    def end(self, tag: Any) -> ET.Element:  # noqa: ANN401  (typeshed's signature)
        """Close an element."""
        self.depth -= 1
        return super().end(str(tag).rpartition("}")[2])


def parse_xml(content: bytes) -> ET.Element:
    """Return the root, a `definitions` element of DMN; raises DmnError."""
    if len(content) > MAX_BYTES:
        raise DmnError(f"the file has {len(content):,} bytes; at most {MAX_BYTES:,} are read")
    builder = _Guarded()
    parser = ET.XMLParser(target=builder)  # noqa: S314  (doctype() refuses what defusedxml would)
    try:
        parser.feed(content)
        root: object = parser.close()
    except ET.ParseError as error:
        raise DmnError(f"this is no XML: {error}") from error
    except (LookupError, ValueError) as error:
        raise DmnError(f"the file cannot be read: {error}") from error
    if not isinstance(root, ET.Element) or root.tag != "definitions":
        raise DmnError("this is no DMN file: its root is no `definitions`")
    if not any(NAMESPACE in space for space in builder.namespaces):
        raise DmnError("this is no DMN file: it names no namespace of DMN 1.1 to 1.5")
    return root
