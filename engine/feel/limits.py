"""How much one evaluation may use."""

from dataclasses import dataclass

MAX_TEXT = 100_000
"""Characters of an expression's text."""
MAX_DEPTH = 100
"""Nesting of an expression."""
MAX_LOOPS = 12
"""Iterations and filters inside each other, in one function body; CPython allows 20 nested blocks."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one evaluation; past them it ends with null and a fault.

    `steps` counts loop turns and list elements handled by built-ins, `calls` the depth of function calls,
    `regex_seconds` the time for one regular expression.
    """

    steps: int = 2_000_000
    items: int = 1_000_000
    characters: int = 1_000_000
    calls: int = 100
    regex_seconds: float = 0.2


DEFAULT_LIMITS = Limits()
