"""Why a rule does not hold for a subject: each conjunct with its truth, what it read, and what would pass."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.feel import Value, ast, unparse
from engine.inference.nodes import Compiled, Condition
from engine.inference.proof import maximal, plain
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.inference.state import Entity, Link, Unknown

Outcome = Literal["true", "false", "null", "unresolved", "faulty"]


@dataclass(frozen=True, slots=True)
class Part:
    """One conjunct as it was written, its outcome, the values it read, and the nearest value that would pass."""

    text: str
    outcome: Outcome
    reason: str
    values: Mapping[str, Any]
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """A condition taken apart for one subject."""

    rule: str
    subject: str
    outcome: Outcome
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a funnel: how many subjects pass a conjunct, and how many pass it and all before."""

    text: str
    passing: int
    left: int


def condition_of(rulebook: Rulebook, name: str) -> Condition | None:
    """Return the condition of `ruleset/rule`; a bare rule id will do where only one rule has it."""
    found = [
        node
        for node in rulebook.nodes
        if isinstance(node, Condition) and not node.action and name in {node.name, node.rule.id}
    ]
    return found[0] if len(found) == 1 else None


def why_not(session: Session, condition: Condition, entity: Entity) -> Why:
    """Take a condition apart for a subject at present."""
    parts = tuple(_part(session, condition, text, entity) for text in _conjuncts(condition))
    outcome, _ = _outcome(session, condition.when, entity)
    return Why(condition.name, entity.ref, outcome, parts)


def funnel(session: Session, condition: Condition) -> tuple[Stage, ...]:
    """Count over all subjects how many pass each conjunct."""
    compiled = [(text, session.rulebook.adhoc(condition.type, text)) for text in _conjuncts(condition)]
    left = list(session.state.entities[condition.type].values())
    everyone = list(left)
    stages = []
    for text, each in compiled:
        passing = sum(session.settler.compute(each, entity) is True for entity in everyone)
        left = [entity for entity in left if session.settler.compute(each, entity) is True]
        stages.append(Stage(text, passing, len(left)))
    return tuple(stages)


def _conjuncts(condition: Condition) -> Iterator[str]:
    written = condition.when.written
    for part in written.operands if isinstance(written, ast.And) else (written,):
        yield unparse(part)


def _part(session: Session, condition: Condition, text: str, entity: Entity) -> Part:
    compiled = session.rulebook.adhoc(condition.type, text)
    outcome, reason = _outcome(session, compiled, entity)
    values = dict(_values(session, compiled, entity))
    return Part(text, outcome, reason, values, _needs(compiled.written) if outcome == "false" else "")


def _outcome(session: Session, compiled: Compiled, entity: Entity) -> tuple[Outcome, str]:
    value = session.settler.compute(compiled, entity)
    if isinstance(value, bool):
        return ("true" if value else "false"), ""
    if isinstance(value, Unknown):
        return value.state, value.reason
    return "null", ""


def _values(session: Session, compiled: Compiled, entity: Entity) -> Iterator[tuple[str, Value]]:
    for path in maximal(compiled.reads):
        yield ".".join(path), plain(_read(entity, path, session))


def _read(entity: Entity, path: tuple[str, ...], session: Session) -> Value:
    at: Any = entity
    for name in path:
        many = isinstance(at, list)
        at = [_step(each, name, session) for each in at[:_SHOWN]] if many else _step(at, name, session)
    return at


_SHOWN = 5


def _step(at: Value, name: str, session: Session) -> Value:
    if not isinstance(at, Entity):
        return None
    value = at.values.get(name)
    if isinstance(value, Link):
        return value.entity if value.entity is not None else value.key
    if value is None and name in at.collections:
        return at.get(name)
    virtual = session.rulebook.virtual.get((at.type, name))
    return session.settler.compute(virtual, at) if virtual is not None else value


def _needs(node: ast.Node) -> str:
    """Say what would make a comparison with a constant pass."""
    match node:
        case ast.Compare(operator, left, (ast.Number() | ast.Text() | ast.Boolean()) as right):
            return f"{unparse(left)} {operator} {unparse(right)}"
        case ast.In(value, _) | ast.Between(value, _, _):
            return f"{unparse(value)} within the range"
    return ""
