"""What people meant when YAML cannot be read: the classic accidents, each with how to write it."""

import re
from dataclasses import dataclass

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from engine.source.excerpt import excerpt
from engine.source.problem import Problem
from engine.source.text import Lines

_VALUE = re.compile(r"(?P<before>\s*(?:-\s+)*(?:(?P<key>[^\s:'\"#{}\[\]][^:'\"#{}\[\]]*):\s+)?)(?P<value>\S.*)")
_QUOTED = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*[^\s#]""")
_FLOW_KEYS = re.compile(r"\{\s*[\w-]+\s*:.*\}")
_BLOCK_ADVICE = "write the text on the next line, two spaces deeper, after `{key}: |`"


@dataclass(frozen=True, slots=True)
class Accident:
    """One fault of syntax; `repaired` is the text without it, to read on, empty when that is not possible."""

    problem: Problem
    repaired: str = ""


def explain(error: YAMLError, text: str, file: str) -> Accident:
    """Return what is wrong in plain words, and how to write it."""
    lines = Lines(text, file)
    place = lines.place(_offset(error, text))
    line = text.split("\n")[place.line - 1]
    found = _VALUE.fullmatch(line) if hasattr(error, "problem") else None
    value_at = found.start("value") + 1 if found else 0
    code, message, hint = "yaml-syntax", _reason(error), "check the indentation and the quotes"
    if found and place.column >= value_at:
        code, message, hint = _classic(found["key"] or "", found["value"], message)
    if code == "quoted-start":
        place = lines.place(lines.starts[place.line - 1] + value_at - 1)
    if hasattr(error, "character"):
        hint = "delete it; such characters come along when text is copied from other programs"
    problem = Problem(code, message, place, hint, excerpt(text, place))
    if not found or place.column < value_at or line.lstrip().startswith("#"):
        return Accident(problem)
    start = lines.starts[place.line - 1]
    return Accident(problem, text[:start] + found["before"] + "null" + text[start + len(line) :])


def _offset(error: YAMLError, text: str) -> int:
    if isinstance(error, MarkedYAMLError):
        opened = "quoted scalar" in str(error.context) and "end of stream" in str(error.problem)
        mark = error.context_mark if opened else error.problem_mark or error.context_mark
        if mark is not None:
            return min(int(mark.index), max(0, len(text.rstrip()) - 1) if mark.index >= len(text) else int(mark.index))
    return min(int(getattr(error, "position", 0)), len(text))


def _reason(error: YAMLError) -> str:
    if isinstance(error, MarkedYAMLError):
        parts = [part for part in (error.context, error.problem) if part]
        return "this is no valid YAML: " + ": ".join(parts).replace("<", "").replace(">", "")
    if hasattr(error, "character"):
        return f"the character U+{int(error.character):04X} is not allowed in a text file"
    return f"this is no valid YAML: {error}"


def _classic(key: str, value: str, otherwise: str) -> tuple[str, str, str]:
    name = f"`{key}`" if key else "this value"
    advice = _BLOCK_ADVICE.format(key=key) if key else "write it after `- |` on the next line, two spaces deeper"
    first = value[0]
    if first in "\"'" and _QUOTED.match(value):
        message = f"YAML takes the quotes at the start of {name} as its own, so the text ends too early"
        return "quoted-start", message, f"{advice}; or write {_single(value)}"
    if first in "\"'":
        return "open-quote", f"the quote that opens {name} is never closed", "close it, or " + advice
    if first in "@`%":
        return "reserved-character", f"a YAML value cannot start with `{first}`", f"{advice}; or write {_single(value)}"
    if first in "|>":
        return "block-mark", f"`{first}` starts a block of text, which begins on the next line", advice
    if _FLOW_KEYS.match(value):
        hint = "write it in block style: each key on its own line, two spaces deeper, without braces and commas"
        return "flow-accident", f"inside the braces of {name} YAML takes brackets, braces and commas as its own", hint
    if first in "{[":
        message = f"YAML takes the `{first}` at the start of {name} as its own"
        return "flow-accident", message, f"{advice}; or write {_single(value)}"
    if ": " in value or value.endswith(":"):
        message = f"{name} contains a colon, which YAML takes as its own"
        return "unquoted-colon", message, f"{advice}; or check the indentation"
    return "yaml-syntax", otherwise, advice


def _single(value: str) -> str:
    return "'" + value.strip().replace("'", "''") + "'"
