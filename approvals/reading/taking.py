"""From a reading to the change that lets its facts in."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from approvals.reading import patterns
from approvals.reading.structs import SOURCE, Found, Reading, record_of, version_of
from engine.events import ChangeEvent
from engine.inference.session import Session
from engine.inference.state import Entity
from engine.rules.reading import ReadFact, ReadSpec


def text_of(session: Session, step: ReadSpec, entity: Entity) -> str:
    """Return the text that a step reads of an entity, "" when there is nothing to read."""
    if step.when is not None and session.value(entity, step.when.text) is not True:
        return ""
    text = session.value(entity, step.text.text)
    return text if isinstance(text, str) and text.strip() else ""


def change(source: str, ruleset: str, step: ReadSpec, id: str, version: str, facts: Mapping[str, Found]) -> ChangeEvent:
    """Return the change that the facts of an entity are; `source` tells read from answered."""
    fields = {name: _value(step.facts[name], found.value) for name, found in facts.items()}
    record = record_of(source, ruleset, step.id, id)
    return ChangeEvent(entity=step.of, id=id, record=record, fields=fields, version=version)


def by_patterns(session: Session, ruleset: str, step: ReadSpec, entity: Entity) -> ChangeEvent | None:
    """Return the change that a step makes of an entity without any model, None when there is nothing to read."""
    text = text_of(session, step, entity)
    if not text:
        return None
    sure = Reading(facts=patterns.read(step, text)).sure(step)
    return change(SOURCE, ruleset, step, entity.id, version_of(step, text), sure)


def fits(fact: ReadFact, value: Any) -> bool:  # noqa: ANN401  (a payload's value)
    """Whether a value is one that the fact can have."""
    if value is None:
        return True
    match fact.type:
        case "boolean":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "text":
            return value in fact.values
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def _value(fact: ReadFact, value: Any) -> Any:  # noqa: ANN401  (a FEEL value)
    if value is None:
        return None
    if fact.type == "date":
        return date.fromisoformat(str(value))
    return Decimal(str(value)) if fact.type == "number" else value
