"""What FEEL finds wrong, as problems at their place in a file."""

import re
from collections.abc import Iterable, Mapping

from engine.feel import FeelError, SourceFault
from engine.source.excerpt import excerpt, nearest
from engine.source.expression import Expression
from engine.source.problem import Problem

Names = Mapping[str, Iterable[str]]
"""Whose names there are: `customer` -> its fields; the first entry is the expression's own scope."""

_RUN = re.compile(r"[^\W\d]\w*(?: +[^\W\d]\w*)+")
_WORD = re.compile(r"[^\W\d]\w*")


def problems(error: FeelError, expression: Expression, source: str = "", names: Names | None = None) -> list[Problem]:
    """Return one problem for each fault; `source` is the file's text, for the excerpts."""
    return [_problem(fault, error, expression, source, names or {}) for fault in error.faults]


def _problem(fault: SourceFault, error: FeelError, expression: Expression, source: str, names: Names) -> Problem:
    offset = _offset(expression.text, fault)
    message, hint, length = fault.message, fault.hint, fault.length
    if fault.expected and fault.expected not in message:
        message += f"; expected {fault.expected}"
    if spaced := _spaced_name(expression.text, offset, names):
        offset, length, message = spaced
    elif not hint:
        hint = _yaml_quotes(expression, source)
    place = expression.at_offset(offset)
    code = f"feel-{'syntax' if type(error).__name__ == 'FeelSyntaxError' else 'type'}"
    shown = excerpt(source, place, max(1, length)) if source else ""
    return Problem(code, message[:1].lower() + message[1:], place, hint, shown)


def _offset(text: str, fault: SourceFault) -> int:
    start = 0
    for _ in range(fault.line - 1):
        start = text.find("\n", start) + 1 or len(text)
    return min(start + fault.column - 1, len(text))


def _spaced_name(text: str, offset: int, names: Names) -> tuple[int, int, str] | None:
    """Find a name written with spaces where the model has underscores, around the place of a fault."""
    for run in _RUN.finditer(text):
        if not run.start() <= offset <= run.end():
            continue
        words = [(word.start() + run.start(), word[0]) for word in _WORD.finditer(run[0])]
        for size in range(len(words), 1, -1):
            for first in range(len(words) - size + 1):
                chosen = words[first : first + size]
                joined = "_".join(word for _, word in chosen)
                owner = next((whose for whose, known in names.items() if joined in known), None)
                if owner:
                    start, end = chosen[0][0], chosen[-1][0] + len(chosen[-1][1])
                    written = text[start:end]
                    return start, end - start, f"`{written}` is no field of {owner}; did you mean `{joined}`?"
    return None


def _yaml_quotes(expression: Expression, source: str) -> str:
    """Tell when quotes that were meant for FEEL belong to YAML, which keeps them for itself."""
    place, lines = expression.place, source.split("\n")
    if not source or not 0 < place.line <= len(lines) or place.column < 2:
        return ""
    line, text = lines[place.line - 1], expression.text
    if line[place.column - 2] in "\"'" and _WORD.fullmatch(text.replace(" ", "_")):
        return f"these quotes belong to YAML; for the text {text} write '\"{text}\"'"
    if line[place.column - 2] not in "\"'" and text.count('"') % 2 and " #" in line[place.column - 1 :]:
        return "YAML takes ` #` as the start of a comment; write the expression in single quotes or after `|`"
    return ""


def similar(name: str, names: Names) -> str:
    """Return `; did you mean ...?` over all names of the scope, nothing when none is near."""
    known = [each for entries in names.values() for each in entries]
    near = nearest(name, known)
    return f"; did you mean `{near}`?" if near else ""
