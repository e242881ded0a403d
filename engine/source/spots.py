"""Follows the text of a YAML scalar back to where its characters stand in the file."""

import re

from engine.source.expression import Expression, Spot
from engine.source.nodes import Scalar
from engine.source.text import Lines

_FOLD = re.compile(r"[ ]*\n\s*")
_ESCAPE = re.compile(r"\\(?:\n\s*|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)


def expression(scalar: Scalar, source: str, lines: Lines) -> Expression:
    """Return the scalar's text as an expression that knows where each of its characters stands."""
    raw = source[scalar.start : scalar.end]
    pairs = _quoted(raw, scalar.style) if scalar.style in ('"', "'") else _lined(raw, scalar)
    spots = tuple(_spot(offset, scalar.start + at, lines) for offset, at in pairs)
    if not spots:
        return Expression(scalar.text, scalar.place)
    first = spots[0]
    place = type(scalar.place)(lines.file, first[1], first[2])
    return Expression(scalar.text.rstrip(), place, spots if len(spots) > 1 or first[0] else ())


def _spot(offset: int, at: int, lines: Lines) -> Spot:
    place = lines.place(at)
    return offset, place.line, place.column


def _lined(raw: str, scalar: Scalar) -> list[tuple[int, int]]:
    """Pair offsets in the text with offsets in the file, one pair a line; for plain and block scalars."""
    start = raw.find("\n") + 1 if scalar.style else 0
    pairs: list[tuple[int, int]] = []
    position, at = 0, start
    for line in raw[start:].split("\n"):
        content = line.strip()
        found = scalar.text.find(content, position) if content else -1
        if found >= 0:
            pairs.append((found, at + line.index(content)))
            position = found + len(content)
        at += len(line) + 1
    return pairs


def _quoted(raw: str, style: str) -> list[tuple[int, int]]:
    """Pair offsets as in `_lined`, with a new pair after each escape and each fold of a quoted scalar."""
    pairs = [(0, 1)]
    offset, at, end = 0, 1, len(raw) - 1
    while at < end:
        step, made = 1, 1
        if fold := _FOLD.match(raw, at):
            step, made = len(fold[0]), max(1, fold[0].count("\n") - 1)
        elif style == '"' and (escape := _ESCAPE.match(raw, at)):
            step, made = len(escape[0]), 0 if escape[0][1] == "\n" else 1
        elif style == "'" and raw.startswith("''", at):
            step = 2
        offset, at = offset + made, at + step
        if step != made:
            pairs.append((offset, at))
    return pairs
