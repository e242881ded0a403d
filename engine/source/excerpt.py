"""The line a problem is about, with a caret under it."""

import difflib
from collections.abc import Iterable

import msgspec

from engine.source.problem import Place, Problem

WIDTH = 110
"""Characters of a line that are shown."""


def excerpt(text: str, place: Place, length: int = 1) -> str:
    """Return the line of `place` with carets under `length` characters; empty when there is no such line."""
    lines = text.split("\n")
    if not 0 < place.line <= len(lines):
        return ""
    line, column = lines[place.line - 1].rstrip("\r").replace("\t", " "), place.column - 1
    cut = max(0, min(column - WIDTH // 2, len(line) - WIDTH))
    shown = line[cut : cut + WIDTH]
    carets = "^" * max(1, min(length, len(line) - column, cut + WIDTH - column))
    number = str(place.line)
    return f"  {number} | {shown}\n  {' ' * len(number)} | {' ' * (column - cut)}{carets}"


def pointed(problem: Problem, text: str, length: int = 1) -> Problem:
    """Return the problem with the excerpt of its place in `text`."""
    if problem.place is None or problem.excerpt:
        return problem
    return msgspec.structs.replace(problem, excerpt=excerpt(text, problem.place, length))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that `word` is most likely a slip of, empty when none is near."""
    words = list(known)
    folded = {each.casefold().replace("-", "_").replace(" ", "_"): each for each in reversed(words)}
    plain = word.casefold().replace("-", "_").replace(" ", "_")
    if plain in folded:
        return folded[plain]
    close = difflib.get_close_matches(plain, folded, n=1, cutoff=0.7)
    return folded[close[0]] if close else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean ...?`, or nothing when no known word is near."""
    near = nearest(word, known)
    return f"; did you mean `{near}`?" if near else ""
