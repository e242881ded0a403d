"""How several conclusions about one field meet.

A text or truth value that a rule sets as it stands is written down nowhere else: it is concluded as long as the rule
holds. What has to be computed is kept in the entity's `contributions`, and so is what a rule goes on concluding, as it
stood under other rules, while it is held.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.feel import Function, Money, Range, Value
from engine.inference.nodes import Concluded, Conclusion, Condition, Node
from engine.inference.state import Entity, Unknown
from engine.inference.truth import FALSE, definite

NOTHING: Final = object()
"""What a condition concludes that concludes nothing."""


Literals = Mapping[int, dict[int, str | bool]]
"""What conditions conclude about a field as it stands, by the field's node and the condition."""


def contributions(every: Literals, node: Concluded, entity: Entity) -> dict[int, Any]:
    """Return what conditions that hold conclude about a field, by their index."""
    kept = None if entity.contributions is None else entity.contributions.get(node.field)
    literals = every.get(node.index)
    if literals is None:
        return kept or {}
    given: dict[int, Any] = {}
    for index, truth in entity.truths.items():
        if index in literals and definite(truth):
            given[index] = literals[index]
    if kept:
        given |= kept
        return {index: value for index, value in given.items() if value is not NOTHING}
    return given


def conclusion(condition: Condition, field: str, entity: Entity) -> Any:  # noqa: ANN401  (a FEEL value, or NOTHING)
    """Return what one condition concludes about a field at present."""
    kept = None if entity.contributions is None else entity.contributions.get(field)
    if kept is not None and condition.index in kept:
        return kept[condition.index]
    literal = condition.sets[field].literal
    holds = definite(entity.truths.get(condition.index, FALSE))
    return literal if literal is not None and holds else NOTHING


def keepable(condition: Condition, conclusion: Conclusion, entity: Entity, value: Value) -> Value:
    """Return what was computed for a conclusion; Unknown when it contains an entity or what else cannot be kept."""
    held = _unkept(value)
    if not held:
        return value
    where = conclusion.compiled.place
    reason = f"rule {condition.name} sets {conclusion.field} of {entity.ref} to {held}, which is no value ({where})"
    return Unknown(reason, "faulty")


def _unkept(value: Value) -> str:
    """Name the first entity or function that a value is or contains, empty for none."""
    match value:
        case Entity():
            return f"the {value.type} {value.id}"
        case Function():
            return "a function"
        case list():
            return next(filter(None, map(_unkept, value)), "")
        case dict():
            return _unkept([*value.values()])
        case Range():
            return _unkept([value.low, value.high])
    return ""


def stand(condition: Condition, entity: Entity, concluded: Mapping[str, Any]) -> None:
    """Let a condition go on with what it concluded under other rules until it is definite again."""
    for field, compiled in condition.sets.items():
        value, told = concluded.get(field, NOTHING), NOTHING if compiled.literal is None else compiled.literal
        if type(value) is not type(told) or value != told:
            entity.contribute(field, condition.index, value)


def met(node: Concluded, entity: Entity, given: dict[int, Any], nodes: Sequence[Node]) -> Value:
    """Return the value of a field from what rules contribute, at least one; Unknown when they contradict."""
    if len(given) == 1:
        value = next(iter(given.values()))
        return [value] if node.policy == "collect" and not isinstance(value, Unknown) else value
    for value in given.values():
        if isinstance(value, Unknown):
            return value
    match node.policy:
        case "collect":
            return _distinct([value for _, value in sorted([(_condition(nodes[i]).name, given[i]) for i in given])])
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
