"""How several conclusions about one field meet."""

from typing import Protocol

from engine.feel import Money, Value
from engine.inference.nodes import Compiled, Concluded, Condition, Node
from engine.inference.rulebook import Rulebook
from engine.inference.state import Entity, Unknown


class Computing(Protocol):
    """What is needed to evaluate a default."""

    rulebook: Rulebook

    def compute(self, compiled: Compiled, entity: Entity) -> Value:
        """Run an expression on a subject."""
        ...


def settle_conclusion(node: Concluded, entity: Entity, computing: Computing) -> Value:
    """Return the value of a field from what the rules that hold contribute, Unknown when they contradict."""
    given = (entity.contributions or {}).get(node.field) or {}
    if not given:
        return computing.compute(node.default, entity) if node.default else None
    if len(given) == 1 and node.policy != "collect":
        return next(iter(given.values()))
    for value in given.values():
        if isinstance(value, Unknown):
            return value
    nodes = computing.rulebook.nodes
    match node.policy:
        case "collect":
            return _distinct([given[index] for index in sorted(given, key=lambda index: _condition(nodes[index]).name)])
        case "max" | "min":
            return _extreme(node, entity, [value for value in given.values() if value is not None])
        case "priority":
            best = max(_condition(nodes[index]).rule.priority for index in given)
            given = {index: value for index, value in given.items() if _condition(nodes[index]).rule.priority == best}
    values = _distinct(list(given.values()))
    if len(values) == 1:
        return values[0]
    rules = ", ".join(sorted(_condition(nodes[index]).name for index in given))
    return Unknown(f"{entity.ref} has contradicting conclusions about {node.field}: {rules}")


def _extreme(node: Concluded, entity: Entity, values: list[Value]) -> Value:
    """Return the largest or smallest value, nulls left out; Unknown when they cannot be compared."""
    if len({value.currency if isinstance(value, Money) else type(value) for value in values}) > 1:
        return Unknown(f"the conclusions about {node.field} of {entity.ref} cannot be compared", "faulty")
    best = max if node.policy == "max" else min
    return best(values, key=lambda value: value.amount if isinstance(value, Money) else value, default=None)


def _condition(node: Node) -> Condition:
    assert isinstance(node, Condition)
    return node


def _distinct(values: list[Value]) -> list[Value]:
    found: list[Value] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found
