"""Names of several words or with symbols: the longest known one wins (DMN 1.5, 10.3.1.4)."""

from collections.abc import Iterable, Mapping, Sequence

from engine.feel.errors import FeelSyntaxError
from engine.feel.lexer import Source, Token, tokens

KEYWORDS = frozenset(
    (
        *("true", "false", "null", "if", "then", "else", "for", "in", "return", "some", "every", "satisfies"),
        *("function", "external", "between", "and", "or", "instance"),
    )
)
PROPERTIES = ("start included", "end included", "time offset")
"""Properties of ranges, times and dates and times that have a space in their name."""

Table = Mapping[str, Sequence[tuple[tuple[str, ...], str]]]


def table(names: Iterable[str]) -> Table:
    """Names of more than one token, by their first token, longest first; others need no table."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name in names:
        if name.isidentifier() and name not in KEYWORDS:
            continue
        try:
            parts = tuple(token.text for token in tokens(Source(name))[:-1])
        except FeelSyntaxError:
            continue  # a key that no expression can spell is reached with get value()
        if len(parts) > 1:
            found.setdefault(parts[0], []).append((parts, name))
    for candidates in found.values():
        candidates.sort(key=lambda candidate: -len(candidate[0]))
    return found


def longest(tables: Iterable[Table], stream: Sequence[Token], at: int) -> tuple[int, str]:
    """Number of tokens and name of the longest known name that starts at a token; (0, "") when there is none."""
    best, name = 0, ""
    first = stream[at].text
    for known in tables:
        for parts, candidate in known.get(first, ()):
            size = len(parts)
            if size > best and tuple(token.text for token in stream[at : at + size]) == parts:
                best, name = size, candidate
    return best, name
