"""Expressions that a rulebook takes over from the one before it, because they stand for themselves."""

from collections.abc import Collection
from dataclasses import replace

from engine.feel import ast
from engine.inference.nodes import Compiled
from engine.model.structs import Model
from engine.source.expression import Expression


class Kept:
    """Compiled expressions of one model that read no hidden field and call no function of the rulebook's own."""

    def __init__(self, model: Model, before: "Kept | None" = None) -> None:
        self.model = model
        self._before = before.found if before is not None and before.model == model else {}
        self.found: dict[tuple[str, str], Compiled] = {}

    def again(self) -> "Kept":
        """Return the same to go on from."""
        other = Kept(self.model)
        other.found = dict(self.found)
        other._before = other.found
        return other

    def take(self, type: str, expression: Expression) -> Compiled | None:
        """Return what the rulebook before made of an expression, at its present place."""
        compiled = self._before.get((type, expression.text))
        if compiled is None:
            return None
        if compiled.place != expression.place:
            compiled = replace(compiled, place=expression.place)
        self.found[type, expression.text] = compiled
        return compiled

    def offer(self, type: str, compiled: Compiled, functions: Collection[str]) -> None:
        """Keep an expression for the next rulebook, if it can stand there as it is."""
        hidden = any(name[0] == "#" for path in compiled.program.reads for name in path)
        named = any(isinstance(part, ast.Name) and part.name in functions for part in ast.walk(compiled.lowered))
        if not hidden and not named:
            self.found[type, compiled.text] = compiled
