"""Functions that the host gives to expressions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from engine.feel.ast import Call
from engine.feel.types import Type
from engine.feel.values import Value


@dataclass(frozen=True, slots=True, eq=False)
class HostFunction:
    """`name(parameters)` for expressions; `call(env, *arguments)` answers with a FEEL value or null.

    Arguments that do not fit the parameters' types never reach `call`. `time` says what of the clock it looks at;
    `raises` are the errors of `call` that mean "faulty" and become null with a fault; all others pass through.
    """

    name: str
    parameters: tuple[tuple[str, Type], ...]
    result: Type
    call: Callable[..., Value]
    required: int | None = None
    time: Literal["none", "today", "now"] = "none"
    raises: tuple[type[Exception], ...] = ()
    typed: Callable[[Call], Type | None] | None = None
    """Tells a call's type more closely than `result`, where its arguments do."""
