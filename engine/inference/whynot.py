"""Why a rule does not hold for a subject: each conjunct with its truth, what it read, and what would pass."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeGuard

from engine.feel import Value, ast, unparse
from engine.inference.activations import truth_of
from engine.inference.gaps import gaps
from engine.inference.inline import unbase
from engine.inference.needs import holds_from, needs
from engine.inference.nodes import Compiled, Condition
from engine.inference.proof import maximal, plain
from engine.inference.rulebook import Rulebook
from engine.inference.scope import free_names
from engine.inference.session import Session
from engine.inference.standing import Standing, standings
from engine.inference.state import Entity, Link, Unknown
from engine.inference.truth import Held
from engine.inference.words import say

Outcome = Literal["true", "false", "null", "unresolved", "faulty"]

_SHOWN = 5
_ITEMS = 1_000


@dataclass(frozen=True, slots=True)
class Part:
    """One conjunct as it was written, its outcome, and the values it read.

    Of a false one `needs` says what would pass, and `holds_from` when it passes if nothing but the time changes. Of one
    that is null, unresolved or faulty `missing` says what is not known and where it should come from. Of a `some ... in
    ...` that no item meets `nearest` is the item that fails the least.
    """

    text: str
    outcome: Outcome
    reason: str
    values: Mapping[str, Any]
    needs: str = ""
    holds_from: date | datetime | None = None
    missing: tuple[str, ...] = ()
    nearest: "Why | None" = None

    @property
    def advice(self) -> str:
        """What would make it true, in words; "" when it is or when nothing is known."""
        parts = [f"needs {self.needs}"] if self.needs else []
        if self.holds_from is not None:
            parts.append(f"will be true {_from(self.holds_from)} if nothing changes")
        if self.nearest is not None:
            failing = [part for part in self.nearest.parts if part.outcome != "true"]
            details = "; ".join(filter(None, (part.told for part in failing)))
            parts.append(f"{self.nearest.subject} comes nearest: {details}")
        more = (each for each in self.missing if not self.reason or not each.endswith(self.reason))
        return "; ".join((*parts, *more))

    @property
    def told(self) -> str:
        """The part in a sentence: its outcome, what it read, and what would make it true."""
        read = ", ".join(f"{name} is {say(value)}" for name, value in self.values.items())
        details = "; ".join(filter(None, (read, self.reason, self.advice)))
        return f"`{self.text}` is {self.outcome}" + (f": {details}" if details else "")


@dataclass(frozen=True, slots=True)
class Why:
    """A condition taken apart for one subject; `reason` says what it waits for though all its parts are true.

    `actions` says how each action of the rule stands: proposed, or what keeps it though the rule holds.
    """

    rule: str
    subject: str
    outcome: Outcome
    parts: tuple[Part, ...]
    reason: str = ""
    actions: tuple[Standing, ...] = ()


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
    parts = tuple(_part(session, each, entity) for each in conjuncts(condition.when.written))
    outcome, _ = _outcome(session, condition.when, entity)
    held = session.truth(condition, entity)
    if outcome == "true" and isinstance(held, Held):
        outcome, reason = held.state, held.reason
    else:
        reason = ""
    return Why(condition.name, entity.ref, outcome, parts, reason, tuple(standings(session, condition, entity)))


def funnel(session: Session, condition: Condition) -> tuple[Stage, ...]:
    """Count over all subjects how many pass each conjunct, alone and after those before it; each at most once."""
    compiled = [session.rulebook.adhoc(condition.type, unparse(each)) for each in conjuncts(condition.when.written)]
    passing, left = [0] * len(compiled), [0] * len(compiled)
    whole = 0
    for entity in tuple(session.state.entities[condition.type].values()):
        if truth_of(condition, entity) is True:  # then every part of it holds
            whole += 1
            continue
        still = True
        for position, each in enumerate(compiled):
            passes = session.settler.compute(each, entity) is True
            still = still and passes
            passing[position] += passes
            left[position] += still
    counted = zip((each.text for each in compiled), passing, left, strict=True)
    return tuple(Stage(text, alone + whole, after + whole) for text, alone, after in counted)


def conjuncts(written: ast.Node) -> tuple[ast.Node, ...]:
    """Return the parts that must all hold."""
    return written.operands if isinstance(written, ast.And) else (written,)


def _part(session: Session, node: ast.Node, entity: Entity) -> Part:
    compiled = session.rulebook.adhoc(entity.type, unparse(node))
    outcome, reason = _outcome(session, compiled, entity)
    values = dict(_values(session, compiled, entity))
    if outcome == "true":
        return Part(compiled.text, outcome, reason, values)
    if outcome != "false":
        return Part(compiled.text, outcome, reason, values, missing=gaps(session, compiled, entity))
    return Part(
        compiled.text,
        outcome,
        reason,
        values,
        needs=needs(node, lambda each: _value(session, each, entity)),
        holds_from=holds_from(session, compiled, entity),
        missing=gaps(session, compiled, entity) if _wants_any(node) else (),
        nearest=_nearest(session, node, entity),
    )


def _value(session: Session, node: ast.Node, entity: Entity) -> Value:
    value = session.settler.compute(session.rulebook.adhoc(entity.type, unparse(node)), entity)
    return None if isinstance(value, Unknown) else plain(value)


def _wants_any(node: ast.Node) -> bool:
    """Whether a part asks for nothing but that there be a value."""
    return isinstance(node, ast.Compare) and node.operator == "!=" and isinstance(node.right, ast.Null)


def _nearest(session: Session, node: ast.Node, entity: Entity) -> Why | None:
    """Return the item that fails the fewest conjuncts of a `some ... in ... satisfies ...`."""
    match node:
        case ast.Quantified("some", (ast.Binding(variable, source),), inner) if _reads_only(inner, variable):
            parts = [unbase(each, variable) for each in conjuncts(inner)]
        case _:
            return None
    items = session.settler.compute(session.rulebook.adhoc(entity.type, unparse(source)), entity)
    found = [each for each in items if isinstance(each, Entity)] if isinstance(items, list) else []
    whys = [
        Why(unparse(inner), each.ref, "false", tuple(_part(session, part, each) for part in parts))
        for each in found[:_ITEMS]
    ]
    return min(whys, key=lambda why: (sum(part.outcome != "true" for part in why.parts), why.subject), default=None)


def _reads_only(node: ast.Node, variable: str) -> bool:
    """Whether a condition on an item reads fields of the item alone, and so can be looked at for it alone."""
    called = {part.function.name for part in ast.walk(node) if isinstance(part, ast.Call) and _is_name(part.function)}
    bare = sum(part == ast.Name(variable) for part in ast.walk(node))
    fields = sum(isinstance(part, ast.Path) and part.source == ast.Name(variable) for part in ast.walk(node))
    return bare == fields and free_names(node) - called == {variable}


def _is_name(node: ast.Node) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name)


def _from(moment: date | datetime) -> str:
    return f"on {moment.isoformat()}" if not isinstance(moment, datetime) else f"at {moment:%Y-%m-%d %H:%M}"


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
