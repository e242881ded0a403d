"""The engine: what the rules mean, and nothing that talks to the outside.

    from engine import ChangeEvent, HeldClock, Rulebook, Session

    session = Session(Rulebook.load("home"), HeldClock(now))
    decisions = session.apply(ChangeEvent(...))

docs/python.md shows all of it at work.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.events import ActionChange, ChangeEvent, Decision, Merge, Proof, Split, Watermark
    from engine.feel import Money
    from engine.inference.clock import HeldClock
    from engine.inference.memory import decode
    from engine.inference.rulebook import Rulebook
    from engine.inference.session import Session
    from engine.source.problem import ConfigError

_HOMES = {
    "ActionChange": "engine.events",
    "ChangeEvent": "engine.events",
    "ConfigError": "engine.source.problem",
    "Decision": "engine.events",
    "HeldClock": "engine.inference.clock",
    "Merge": "engine.events",
    "Money": "engine.feel",
    "Proof": "engine.events",
    "Rulebook": "engine.inference.rulebook",
    "Session": "engine.inference.session",
    "Split": "engine.events",
    "Watermark": "engine.events",
    "decode": "engine.inference.memory",
}

__all__ = [
    "ActionChange",
    "ChangeEvent",
    "ConfigError",
    "Decision",
    "HeldClock",
    "Merge",
    "Money",
    "Proof",
    "Rulebook",
    "Session",
    "Split",
    "Watermark",
    "decode",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  (a class of this package, loaded when first asked for)
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
