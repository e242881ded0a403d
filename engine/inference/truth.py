"""The five outcomes of a condition; only true fires, only a definite false withdraws, the rest holds."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Held:
    """A condition that is null, unresolved or faulty; `was` is its last definite truth."""

    was: bool
    state: Literal["null", "unresolved", "faulty"]
    reason: str


Truth: TypeAlias = bool | Held

FALSE: Final = False
NULL: Final = Held(was=False, state="null", reason="the condition gives null")


def definite(truth: Truth) -> bool:
    """Return the last definite truth."""
    return truth.was if isinstance(truth, Held) else truth
