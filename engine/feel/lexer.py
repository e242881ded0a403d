"""Text to tokens (DMN 1.5, 10.3.1.2, grammar rules 27 to 37 and 64 to 66)."""

import re
from bisect import bisect_right
from typing import NamedTuple, NoReturn

from engine.feel.ast import Position
from engine.feel.errors import FeelSyntaxError, SourceFault
from engine.feel.limits import MAX_TEXT

_SPACE = "\\t-\\r \\x85\\xa0\\u1680\\u180e\\u2000-\\u200b\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
_START = (
    "?A-Z_a-z\\xc0-\\xd6\\xd8-\\xf6\\xf8-\\u02ff\\u0370-\\u037d\\u037f-\\u167f\\u1681-\\u180d\\u180f-\\u1fff"
    "\\u200c-\\u200d\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufefe\\uff00-\\ufffd"
    "\\U00010000-\\U000effff"
)
_PART = _START + "0-9\\xb7\\u0300-\\u036f\\u203f-\\u2040"

_TOKEN = re.compile(
    rf"""
    (?P<skip>  [{_SPACE}]+ | //[^\r\n]* | /\*.*?\*/ )
  | (?P<number> (?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)? )
  | (?P<name> [{_START}][{_PART}]* )
  | (?P<string> "(?:[^"\\\r\n]|\\.)*" )
  | (?P<operator> \*\* | \.\. | != | <= | >= | -> | [-+*/=<>()\[\]{{}},:.@'\u2019] )
""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_HINTS = {
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not(...)`, or `!=` for unequal",
    "%": "write `modulo(a, b)`",
    "^": "write `**` for a power",
    ";": "separate list items and arguments by commas",
    "#": "a comment starts with `//`",
}


class Token(NamedTuple):
    """A piece of the text; `kind` is number, name, string, operator or end."""

    kind: str
    text: str
    start: int
    end: int


class Source:
    """An expression's text, able to say where an offset is."""

    __slots__ = ("_lines", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = (
            [0, *(at.end() for at in re.finditer(r"\r\n|\r|\n", text))] if "\n" in text or "\r" in text else None
        )

    def position(self, start: int, end: int) -> Position:
        """The place of a part of the text."""
        if self._lines is None:
            return Position(1, start + 1, start, end)
        line = bisect_right(self._lines, start)
        return Position(line, start - self._lines[line - 1] + 1, start, end)

    def fail(self, start: int, end: int, message: str, *, expected: str = "", hint: str = "") -> NoReturn:
        """Raise FeelSyntaxError for a part of the text."""
        place = self.position(start, end)
        raise FeelSyntaxError([SourceFault(message, place.line, place.column, max(1, end - start), expected, hint)])


def tokens(source: Source) -> list[Token]:
    """All tokens and an end token; raises FeelSyntaxError for a character that starts none."""
    text = source.text
    if len(text) > MAX_TEXT:
        source.fail(0, 1, f"the expression is longer than {MAX_TEXT:,} characters")
    found: list[Token] = []
    at, size, match = 0, len(text), _TOKEN.match
    while at < size:
        part = match(text, at)
        if part is None:
            _refuse(source, at)
        kind, end = part.lastgroup, part.end()
        if kind != "skip":
            found.append(Token(kind or "", part.group(), at, end))
        at = end
    found.append(Token("end", "", size, size))
    return found


def _refuse(source: Source, at: int) -> NoReturn:
    character = source.text[at]
    if character == '"':
        source.fail(at, at + 1, "this string does not end on its line", expected='"', hint="write a line break as \\n")
    source.fail(at, at + 1, f"`{character}` starts nothing in FEEL", hint=_HINTS.get(character, ""))


def unescape(quoted: str) -> str | None:
    """The content of a string literal; a backslash before any other character stands for itself.

    None when an escape names no character.
    """
    content = quoted[1:-1]
    if "\\" not in content:
        return content
    try:
        plain = _ESCAPE.sub(_character, content)
    except ValueError:
        return None
    return _SURROGATES.sub(lambda pair: pair.group().encode("utf-16", "surrogatepass").decode("utf-16"), plain)


def _character(escape: re.Match[str]) -> str:
    short, long, simple = escape.groups()
    return _SIMPLE_ESCAPES.get(simple, escape.group()) if simple else chr(int(short or long, 16))
