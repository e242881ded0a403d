"""The engine: what the rules mean, and nothing that talks to the outside.

    from engine import Rulebook, Session

    session = Session(Rulebook.load("home"), clock)
    decisions = session.apply(event)
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.inference.rulebook import Rulebook
    from engine.inference.session import Session

__all__ = ["Rulebook", "Session"]


def __getattr__(name: str) -> Any:  # noqa: ANN401  (a class of this package, loaded when first asked for)
    if name == "Rulebook":
        from engine.inference.rulebook import Rulebook

        return Rulebook
    if name == "Session":
        from engine.inference.session import Session

        return Session
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
