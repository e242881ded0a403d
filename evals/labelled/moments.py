"""The facts of one account at a moment, as a labelled case states them."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.events import ActionKey
from engine.feel.money import Money
from engine.inference.session import Session
from engine.inference.state import Entity, Link, Unknown

Given = dict[str, tuple[dict[str, Any], ...]]


def given(session: Session, subject: str) -> Given:
    """Return what sources have told of the account that `type:id` belongs to, and of whom it refers to."""
    entity = session.state.find(subject)
    if entity is None:
        return {}
    root = session.activations.root(entity)
    found = {each.ref: each for each in session.state if session.activations.root(each) == root}
    for each in list(found.values()):
        found |= {other.ref: other for other in _referred(each)}
    rows: dict[str, list[dict[str, Any]]] = {}
    for each in sorted(found.values(), key=lambda other: other.ref):
        rows.setdefault(each.type, []).append(_row(session, each))
    return {type: tuple(each) for type, each in rows.items()}


def name_of(key: ActionKey) -> str:
    """Return a proposal as cases name it."""
    return f"{key.rule}/{key.action} for {key.subject}"


def _referred(entity: Entity) -> Iterator[Entity]:
    for value in entity.values.values():
        if isinstance(value, Link) and value.entity is not None:
            yield value.entity


def _row(session: Session, entity: Entity) -> dict[str, Any]:
    declared = session.rulebook.model.entities[entity.type].fields
    row: dict[str, Any] = {"id": entity.id}
    for name, field in declared.items():
        value = entity.values.get(name)
        if field.derived is None and field.concluded is None and value is not None and not isinstance(value, Unknown):
            row[name] = _plain(value)
    return row


def _plain(value: Any) -> Any:  # noqa: ANN401  (a kept value)
    match value:
        case Link():
            return value.entity.id if value.entity is not None else value.key
        case Money():
            return str(value.amount)
        case bool():
            return value
        case Decimal():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case list() | tuple():
            return [_plain(each) for each in value]
    return str(value)
