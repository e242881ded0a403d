"""What is wrong with an expression, as data: `SourceFault` at compile time, `Fault` at run time."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceFault:
    """One thing wrong with the text of an expression; line and column count from 1."""

    message: str
    line: int = 1
    column: int = 1
    length: int = 1
    expected: str = ""
    hint: str = ""

    def __str__(self) -> str:
        hint = f"; {self.hint}" if self.hint else ""
        return f"line {self.line}, column {self.column}: {self.message}{hint}"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an evaluation gave null although no operand was null."""

    message: str
    line: int = 1
    column: int = 1


class FeelError(Exception):
    """The expression cannot be compiled; `faults` lists every reason, the first one is repeated on the error."""

    def __init__(self, faults: Sequence[SourceFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))

    @property
    def message(self) -> str:
        """What is wrong."""
        return self.faults[0].message

    @property
    def line(self) -> int:
        """Line of the first fault, from 1."""
        return self.faults[0].line

    @property
    def column(self) -> int:
        """Column of the first fault, from 1."""
        return self.faults[0].column

    @property
    def length(self) -> int:
        """Number of characters the first fault covers."""
        return self.faults[0].length

    @property
    def expected(self) -> str:
        """What would have been right, or the empty string."""
        return self.faults[0].expected

    @property
    def hint(self) -> str:
        """What to write instead, or the empty string."""
        return self.faults[0].hint


class FeelSyntaxError(FeelError):
    """The text is no FEEL expression."""


class FeelTypeError(FeelError):
    """The expression does not fit the types it was compiled against."""


class Suspend(Exception):
    """A read that cannot be answered yet; raised by a record's `get`, it passes through compiled code untouched."""


class LimitExceeded(Exception):
    """The evaluation was stopped because it went past one of its limits."""
