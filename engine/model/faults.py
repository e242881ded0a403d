"""What FEEL finds wrong, as problems at their place in a file."""

import re
from collections.abc import Iterable, Mapping

from engine.feel import FeelError, FeelSyntaxError, SourceFault
from engine.source.excerpt import excerpt, nearest
from engine.source.expression import Expression
from engine.source.problem import Problem

Names = Mapping[str, Iterable[str]]
"""Whose names there are, `customer` -> its fields; the first entry is the expression's own scope."""

_UNKNOWN = re.compile(r"nothing here is called `(?P<name>.+)`", re.DOTALL)
_NO_FIELD = re.compile(r"`.+` is no field of ", re.DOTALL)


def problems(
    error: FeelError, expression: Expression, source: str = "", names: Names | None = None, kind: str = "field"
) -> list[Problem]:
    """Return one problem for each fault; `source` is the file's text, for the excerpts, `kind` what a name is."""
    return [_problem(fault, error, expression, source, names or {}, kind) for fault in error.faults]


def _problem(
    fault: SourceFault, error: FeelError, expression: Expression, source: str, names: Names, kind: str
) -> Problem:
    code, message, hint = "feel-type", fault.message[:1].lower() + fault.message[1:], fault.hint
    if isinstance(error, FeelSyntaxError):
        code = "feel-syntax"
    elif unknown := _UNKNOWN.fullmatch(message):
        code, (message, hint) = "unknown-name", _unknown(unknown["name"], message, hint, names, kind)
    elif _NO_FIELD.match(message):
        code = "unknown-name"
    hint = _yaml_accident(expression, source) or hint
    if fault.expected and fault.expected not in message + hint:
        message += f"; expected {fault.expected}"
    if hint.startswith("did you mean"):
        message, hint = f"{message}; {hint}", ""
    place = expression.at(fault.line, fault.column)
    return Problem(code, message, place, hint, excerpt(source, place, max(1, fault.length)) if source else "")


def _unknown(name: str, message: str, hint: str, names: Names, kind: str) -> tuple[str, str]:
    """Say what the name is not, and which one of the model is most like it."""
    for number, (owner, known) in enumerate(names.items()):
        near = nearest(name, known)
        if near and number == 0:
            return f"`{name}` is no {kind} of {owner}", f"did you mean `{near}`?"
        if near:
            return message, f"did you mean `{near}` of {owner}?"
    return message, hint


def _yaml_accident(expression: Expression, source: str) -> str:
    """Tell when quotes or a `#` that were meant for FEEL belong to YAML, which keeps them for itself."""
    place, lines, text = expression.place, source.split("\n"), expression.text
    if not 0 < place.line <= len(lines) or place.column < 2:
        return ""
    line = lines[place.line - 1]
    quoted = line[place.column - 2] in "\"'"
    if quoted and re.fullmatch(r"\w[\w ]*", text):
        return f"these quotes belong to YAML; for the text {text} write '\"{text}\"'"
    if not quoted and text.count('"') % 2 and " #" in line[place.column - 1 :]:
        return "YAML takes ` #` as the start of a comment; write the expression in single quotes or after `|`"
    return ""
