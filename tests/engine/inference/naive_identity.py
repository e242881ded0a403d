"""What the naive engine makes of two subjects that are one, and of one that is two."""

from typing import TYPE_CHECKING

from engine.events import Merge, Split
from tests.engine.inference.naive_life import Life, Made, rank

if TYPE_CHECKING:
    from tests.engine.inference.naive import Naive


def merge(naive: "Naive", event: Merge) -> list[Made]:
    """What fired for either has fired; of two live proposals one is withdrawn."""
    kept, other = naive.world.find(event.entity, event.id), naive.world.find(event.entity, event.other)
    if kept is None or other is None or kept is other:
        return []
    naive.world.merge(kept, other)
    made = []
    for name, root in [*naive.cooling.items()]:
        if name[3] == other.ref:
            new = (*name[:3], kept.ref)
            naive.cooling[new] = max(naive.cooling.get(new, root), naive.cooling.pop(name))
    for key in sorted(key for key in naive.lives if key[3] == other.ref):
        moved = naive.lives.pop(key)
        own = naive.lives.get((*key[:3], kept.ref), Life())
        winner, loser = (moved, own) if rank(moved) > rank(own) else (own, moved)
        if loser.live:
            made.append(naive.made("withdraw", loser))
        winner.episode = max(own.episode, moved.episode)
        if winner.fired:
            winner.was_true, winner.false_since = True, None
        naive.lives[*key[:3], kept.ref] = winner
    return sorted(made, key=lambda each: (each.ruleset, each.rule, each.action, each.subject))


def split(naive: "Naive", event: Split) -> None:
    """What has fired for the whole has fired for both parts."""
    whole = naive.world.find(event.entity, event.id)
    if whole is None:
        return
    fresh = event.other not in naive.world.things[event.entity]
    part = naive.world.split(whole, event.other, event.records)
    for key, life in [*naive.lives.items()] if fresh else []:
        if key[3] == whole.ref and life.fired and (*key[:3], part.ref) not in naive.lives:
            copy = Life(fired=True, was_true=True, ended="seeded", episode=life.episode)
            naive.lives[*key[:3], part.ref] = copy


def affected(naive: "Naive", event: Split) -> set[str]:
    """The live proposals about what is to be split, or about what belongs to its account."""
    whole = naive.world.find(event.entity, event.id)
    if whole is None or event.other == whole.id:
        return set()
    return {life.proposal for key, life in naive.lives.items() if life.live and whole.ref in (key[3], naive.root(key))}
