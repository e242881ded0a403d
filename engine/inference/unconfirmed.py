"""Rules that rest on something missing of which no source will ever say that it has told all."""

from collections.abc import Iterator

from engine.inference.nodes import Condition
from engine.inference.rulebook import Rulebook
from engine.source.problem import Problem


def unconfirmed(rulebook: Rulebook) -> Iterator[Problem]:
    """Yield a warning for each condition that waits for a source which is only told by its system."""
    for node in rulebook.nodes:
        if isinstance(node, Condition) and node.index in rulebook.moved:
            for source in rulebook.tellers.get(node.index, ()):
                if source in rulebook.settings.pushed:
                    yield _warning(rulebook, node, source)


def _warning(rulebook: Rulebook, condition: Condition, source: str) -> Problem:
    told = (type for type in rulebook.wanting[condition.index] if source in rulebook.settings.tellers.get(type, ()))
    part = f", action {condition.action}," if condition.action else ""
    message = (
        f"rule {condition.rule.id}{part} holds when something is missing ({', '.join(sorted(told))}), and {source} "
        "never says up to when it has told all: the rule waits for its next record"
    )
    hint = (
        f"Write `absence: assumed` at {source} in config/sources.yaml where what it has not told is not there, or let "
        "it be read under `streams`. docs/engine.md#time tells more."
    )
    return Problem("absence-unconfirmed", message, condition.when.place, hint, level="warning")
