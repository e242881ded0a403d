"""What becomes of proposals when two subjects are found to be one, or one to be two."""

from collections.abc import Mapping
from typing import TypeAlias

from engine.events import Split
from engine.inference.activation import Activation, Pair, Step
from engine.inference.activations import Activations
from engine.inference.entities import State
from engine.inference.state import Entity

Doubtful: TypeAlias = Mapping[str, Activation]
"""Live proposals by their id."""


def unite(activations: Activations, other: Entity, kept: Entity) -> tuple[list[Step], list[Pair]]:
    """Give one subject's activations to another: what fired for either has fired, episodes keep their names.

    Returns a withdrawal for each proposal that has a live twin, and the activations to be reviewed.
    """
    steps: list[Step] = []
    pairs: list[Pair] = []
    for act, moved in activations.take(other):
        own = activations.by_act[act.index].get(kept) or Activation(activations.key(act, kept))
        winner, loser = (moved, own) if _weight(moved) > _weight(own) else (own, moved)
        if loser.live:
            activations.live.pop(loser.proposal, None)
            loser.live, loser.ended = False, "withdrawn"
            steps.append(Step("withdraw", act, kept, loser, f"{other.ref} and {kept.ref} are one; another stands"))
        activations.known.pop(loser.proposal, None)
        winner.episode = max(own.episode, moved.episode)
        if winner.fired:
            winner.true, winner.false_since = True, None
        activations.place(act, kept, winner)
        pairs.append((act, kept))
    for (index, root), until in list(activations.cooling.items()):
        if root == other.ref:
            del activations.cooling[index, root]
            activations.cooling[index, kept.ref] = max(activations.cooling.get((index, kept.ref), until), until)
    return sorted(steps, key=lambda step: step.activation.key), pairs


def divide(activations: Activations, whole: Entity, part: Entity) -> list[Pair]:
    """Let what has fired for a subject count as fired for a part that leaves it; proposals stay with the whole."""
    pairs: list[Pair] = []
    for act, activation in activations.of(whole):
        if activation.fired and part not in activations.by_act[act.index]:
            key = activations.key(act, part)
            seeded = Activation(key, activation.episode)
            seeded.fired = seeded.true = True
            seeded.ended = "seeded"
            activations.place(act, part, seeded)
            pairs.append((act, part))
    return pairs


def affected(activations: Activations, state: State, event: Split) -> Doubtful:
    """Return the live proposals about an entity that is to be split, or about what belongs to its account."""
    whole = state.entity(event.entity, event.id)
    if whole is None or whole is state.entities[event.entity].get(event.other):
        return {}
    return {
        proposal: activations.by_act[act.index][entity]
        for proposal, (act, entity) in activations.live.items()
        if entity is whole or activations.root(entity) == whole.ref
    }


def asked(activations: Activations, doubtful: Doubtful, event: object) -> list[Step]:
    """Ask a person about those that stand after a split: what was meant for one may now be meant for another."""
    if not isinstance(event, Split):
        return []
    because = f"{event.entity}:{event.id} was split, and {event.entity}:{event.other} is another: is it still right?"
    standing = [
        (activation, *activations.live[each]) for each, activation in doubtful.items() if each in activations.live
    ]
    standing.sort(key=lambda each: (each[0].key, each[1].index))
    return [Step("ask", act, entity, activation, because) for activation, act, entity in standing]


def _weight(activation: Activation) -> tuple[bool, bool, bool]:
    return (activation.live, activation.fired and activation.true, activation.fired)
