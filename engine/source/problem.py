"""Errors as data: what is wrong, where, what was expected, what to do."""

from collections.abc import Iterable
from typing import Literal

import msgspec


class Place(msgspec.Struct, frozen=True, order=True):
    """A point in a file; line and column count from 1, 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fault in what a person or a system gave us.

    `code` is stable and kebab-case (`unknown-field`), `message` a sentence, `hint` what to do about it.
    A warning does not keep the configuration from running.
    """

    code: str
    message: str
    place: Place | None = None
    hint: str = ""
    excerpt: str = ""
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        lines = [f"{self.place}: {self.message}" if self.place else self.message]
        lines += [part for part in (self.excerpt, self.hint and f"  {self.hint}") if part]
        return "\n".join(lines)


def together(problems: Iterable[Problem], later: Iterable[Problem]) -> list[Problem]:
    """Return both in the order of the files, without what a later look only says again of the same line."""
    told = list(problems)
    spots = {(each.place.file, each.place.line, each.code) for each in told if each.place}
    new = [each for each in later if not each.place or (each.place.file, each.place.line, each.code) not in spots]
    return sorted((*told, *new), key=lambda each: (each.place or Place(""), each.message))


class ConfigError(Exception):
    """The configuration has faults; `problems` lists them all."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
