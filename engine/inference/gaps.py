"""What is missing where a condition cannot be told, and where it should come from."""

from collections.abc import Iterator
from itertools import islice

from engine.inference.nodes import Compiled, Condition, Derived
from engine.inference.proof import maximal
from engine.inference.session import Session
from engine.inference.state import Entity, Link, Unknown, circling

_DEPTH = 6
_ITEMS = 20
_SHOWN = 5


def gaps(session: Session, compiled: Compiled, entity: Entity) -> tuple[str, ...]:
    """Return a sentence for each thing that an expression read and did not find, the first few."""
    found: dict[str, None] = {}
    for path in maximal(compiled.reads):
        for sentence in _along(session, entity, path, 0):
            found[sentence] = None
            if len(found) == _SHOWN:
                return tuple(found)
    return tuple(found)


def _along(session: Session, entity: Entity, path: tuple[str, ...], depth: int) -> Iterator[str]:
    name, rest = path[0], path[1:]
    value = entity.values.get(name)
    if isinstance(value, Link):
        if value.entity is None:
            named = _sources(entity, name) or "its records"
            yield f"{name} of {entity.ref} is {value.type} {value.key}, of which no source has told; {named} names it"
        elif _circles(entity, name):
            yield _circle(entity, name)
        elif rest:
            yield from _along(session, value.entity, rest, depth)
    elif value is None and name in entity.collections:
        slot = entity.collections[name]
        members = sorted(entity.members(slot), key=lambda each: each.id)
        around = [each for each in members if slot[0] == entity.type and _circles(each, slot[1])]
        yield from (_circle(each, slot[1]) for each in around)
        for each in members[:_ITEMS] if rest and not around else ():
            yield from _along(session, each, rest, depth)
    elif value is None or isinstance(value, Unknown):
        yield from _field(session, entity, name, value, depth)


def _field(session: Session, entity: Entity, name: str, value: Unknown | None, depth: int) -> Iterator[str]:
    rulebook = session.rulebook
    written = rulebook.network.writers.get((entity.type, name), ())
    compiled = rulebook.virtual.get((entity.type, name))
    if compiled is None and written and isinstance(written[0], Derived):
        compiled = written[0].compiled
    if compiled is not None:
        if (
            rulebook.virtual.get((entity.type, name)) is not None
            and session.settler.compute(compiled, entity) is not None
        ):
            return
        paths = maximal(compiled.reads) if depth < _DEPTH else ()
        found = (each for path in paths for each in _along(session, entity, path, depth + 1))
        deeper = [*islice(found, _SHOWN)]
        why = "comes to nothing" if value is None else f"is {value.state}: {value.reason}"
        yield from deeper or [f"{name} of {entity.ref} {why}"]
    elif value is not None:
        yield f"{name} of {entity.ref} is {value.state}: {value.reason}"
    elif written:
        rules = [node.name for node in rulebook.nodes if isinstance(node, Condition) and _sets(node, entity, name)]
        yield f"{name} of {entity.ref} is concluded by {', '.join(rules) or 'no rule'}, and none of them holds"
    else:
        records = ", ".join(sorted(part.record for part in entity.parts))
        yield f"{name} of {entity.ref} is not given; {records or 'no record'} would tell it"


def _sets(node: Condition, entity: Entity, name: str) -> bool:
    return node.type == entity.type and name in node.sets


def _circles(entity: Entity, name: str) -> bool:
    return entity.circles is not None and name in entity.circles


def _circle(entity: Entity, name: str) -> str:
    return f"{circling(entity, name)}; {_sources(entity, name) or 'its record'} says so"


def _sources(entity: Entity, name: str) -> str:
    return ", ".join(sorted(part.record for part in entity.parts if part.get(name) is not None))
