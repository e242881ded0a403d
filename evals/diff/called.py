"""Which decision tables expressions call, and all that follows from these calls."""

from collections.abc import Iterable, Iterator, Mapping

from engine.feel import FeelError, ast, parse
from engine.model.calendar import host_functions
from engine.rules import Home
from engine.source.expression import Expression
from engine.tables.library import expressions, library
from engine.tables.structs import Table

Paths = frozenset[tuple[str, ...]]


class Tables:
    """The decision tables of a home by the names under which expressions call them."""

    def __init__(self, home: Home) -> None:
        self.by_name: dict[str, Table] = {table.name: table for table in home.tables.values()}
        self._names = frozenset(self.by_name)
        self._inner = {name: frozenset(self.named(expressions(table))) for name, table in self.by_name.items()}
        self._reads = dict(_reads(home)) if home.tables else {}

    def called(self, *nodes: ast.Node) -> frozenset[str]:
        """Return the tables that trees call, with those that these call in turn."""
        return self._closed(name for node in nodes for name in self._in(node)) if self._names else frozenset()

    def told(self, texts: Iterable[Expression]) -> frozenset[str]:
        """Return the tables that expressions call as they are written, with those that these call in turn."""
        return self._closed(self.named(texts)) if self._names else frozenset()

    def read(self, name: str) -> tuple[str, Paths]:
        """Return the entity type whose fields a table's inputs read, and the paths; "" and none without `for`."""
        return self._reads.get(name, ("", frozenset()))

    def named(self, texts: Iterable[Expression]) -> Iterator[str]:
        """Yield the tables that expressions call themselves."""
        for text in {each.text for each in texts}:
            if any(name in text for name in self._names):
                try:
                    yield from self._in(parse(text, names=set(self._names), unary=True))
                except FeelError:  # a faulty cell is told when the home is checked
                    continue

    def _in(self, node: ast.Node) -> Iterator[str]:
        yield from (part.name for part in ast.walk(node) if isinstance(part, ast.Name) and part.name in self._names)

    def _closed(self, names: Iterable[str]) -> frozenset[str]:
        found: set[str] = set()
        left = list(names)
        while left:
            name = left.pop()
            if name not in found:
                found.add(name)
                left += self._inner[name]
        return frozenset(found)


def _reads(home: Home) -> Iterator[tuple[str, tuple[str, Paths]]]:
    known: Mapping[str, Table] = home.tables
    compiled = library(known, home.model, host_functions(home.app.holidays or "")).compiled
    for file, table in compiled.items():
        kind = known[file].for_
        if kind is not None:
            yield table.name, (kind, table.reads)
