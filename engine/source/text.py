"""From bytes to text that YAML may be read from, with what people's editors and tools leave in files."""

import re
from bisect import bisect_right
from itertools import accumulate

from engine.source.excerpt import excerpt
from engine.source.problem import Place, Problem

_MARKER = re.compile(r"(<{7}|={7}|>{7}|\|{7})( .*)?")
_TAB = re.compile(r"\t+")


def decode(content: bytes, file: str) -> tuple[str, list[Problem]]:
    """Return the text with plain line ends, and what hinders reading it."""
    if content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        hint = "save it as UTF-8 without BOM"
        return "", [Problem("byte-order-mark", "this file starts with a byte order mark", Place(file, 1, 1), hint)]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return "", [_not_utf8(content, error, file)]
    return text.replace("\r\n", "\n").replace("\r", "\n"), []


def _not_utf8(content: bytes, error: UnicodeDecodeError, file: str) -> Problem:
    before = content[: error.start]
    line_start = before.rfind(b"\n") + 1
    place = Place(file, before.count(b"\n") + 1, len(before[line_start:].decode("utf-8", "replace")) + 1)
    return Problem(
        "not-utf-8",
        f"byte 0x{content[error.start]:02X} is no UTF-8 text",
        place,
        "save the file as UTF-8; it is probably in Latin-1 or a Windows code page",
        excerpt(content.decode("latin-1"), place),
    )


def check(text: str, file: str) -> list[Problem]:
    """Return leftovers of merges, and tabs, all of them."""
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 1):
        if _MARKER.fullmatch(line):
            place = Place(file, number, 1)
            message = "a merge conflict was left unresolved here"
            hint = "keep one of the two versions and delete the marker lines"
            problems.append(Problem("merge-conflict", message, place, hint, excerpt(text, place, 7)))
        elif tab := _TAB.search(line):
            place = Place(file, number, tab.start() + 1)
            hint = 'use spaces; inside quotes a tab is written "\\t"'
            problems.append(Problem("yaml-tab", "tabs are not allowed in YAML", place, hint, excerpt(text, place)))
    return problems


class Lines:
    """Finds the place of an offset in a text."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]

    def place(self, offset: int) -> Place:
        """Return line and column, from 1, of the character at `offset`."""
        line = min(bisect_right(self.starts, offset), len(self.starts) - 1)
        return Place(self.file, line, offset - self.starts[line - 1] + 1)
