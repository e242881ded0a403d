"""What becomes of proposals when two subjects are found to be one, or one to be two."""

from engine.inference.activation import Activation, Pair, Step
from engine.inference.activations import Activations
from engine.inference.state import Entity


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
            seeded = Activation(key, activation.episode, fired=True, true=True, ended="seeded")
            activations.place(act, part, seeded)
            pairs.append((act, part))
    return pairs


def _weight(activation: Activation) -> tuple[bool, bool, bool]:
    return (activation.live, activation.fired and activation.true, activation.fired)
