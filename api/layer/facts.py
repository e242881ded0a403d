"""What the engine knows at the moment, for prompts, guards and caps."""

from collections.abc import Hashable, Iterator, Mapping
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from approvals.grouping import alike
from engine.events import Decision
from engine.inference.state import Entity
from engine.pipeline import Pipeline
from engine.source.expression import Expression
from engine.source.problem import ConfigError


class Facts:
    """Reads the session."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def slots(self, decision: Decision, wanted: Mapping[str, Expression]) -> Mapping[str, Any]:
        """Return each expression's value: null where the subject is gone, a list where a group's subjects differ."""
        subjects = [each.key.subject for each in decision.joined] or [decision.key.subject]
        found = [self._of(subject, wanted) for subject in dict.fromkeys(subjects)]
        return {name: alike([each[name] for each in found]) for name in wanted}

    def _of(self, subject: str, wanted: Mapping[str, Expression]) -> Mapping[str, Any]:
        session = self._pipeline.session
        entity = session.state.find(subject)
        if entity is None:
            return dict.fromkeys(wanted)
        return {name: session.value(entity, expression.text) for name, expression in wanted.items()}

    def zone(self, company: tzinfo, subject: str, expression: str) -> tzinfo:
        """Return the time zone that an expression over a subject names; the company's where it names none."""
        session = self._pipeline.session
        entity = session.state.find(subject) if expression else None
        if entity is None:
            return company
        try:
            named = session.value(entity, expression)
            return ZoneInfo(named) if isinstance(named, str) and named else company
        except (ConfigError, ZoneInfoNotFoundError, ValueError):
            return company

    def root(self, subject: str) -> str:
        """Return the account that a subject belongs to, itself when it has none or is gone."""
        session = self._pipeline.session
        entity = session.state.find(subject)
        return subject if entity is None else session.activations.root(entity)

    def aliases(self, account: str) -> tuple[str, ...]:
        """Return the names an account has and had; all that were merged into it were accounts of their own."""
        entity = self._pipeline.session.state.find(account)
        return (account,) if entity is None else (entity.ref, *(f"{entity.type}:{name}" for name in entity.names))

    def names(self) -> Iterator[str]:
        """Yield what accounts and persons are called."""
        for type, entities in self._named():
            label = self._pipeline.session.rulebook.model.entities[type].label
            for entity in entities.values():
                name = entity.values.get(label) if label else None
                if isinstance(name, str):
                    yield name

    def names_stamp(self) -> Hashable:
        """Return what changes when somebody comes or goes, and each hour, since a name may change too."""
        hour = self._pipeline.clock.now().strftime("%Y%m%d%H")
        return (hour, id(self._pipeline.session), *(len(entities) for _, entities in self._named()))

    def _named(self) -> Iterator[tuple[str, Mapping[str, Entity]]]:
        session = self._pipeline.session
        for type, spec in session.rulebook.model.entities.items():
            if spec.root == type or spec.person == "self":
                yield type, session.state.entities.get(type, {})
