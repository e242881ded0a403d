"""What the engine knows of a decision's subject at the moment, for prompts."""

from collections.abc import Mapping
from typing import Any

from engine.events import Decision
from engine.pipeline import Pipeline
from engine.source.expression import Expression


class Facts:
    """Evaluates a prompt's slots over the session."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def slots(self, decision: Decision, wanted: Mapping[str, Expression]) -> Mapping[str, Any]:
        """Return the value of each expression; null where the subject is gone."""
        session = self._pipeline.session
        subject = session.state.find(decision.key.subject)
        if subject is None:
            return dict.fromkeys(wanted)
        return {name: session.value(subject, expression.text) for name, expression in wanted.items()}
