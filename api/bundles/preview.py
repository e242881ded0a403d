"""What a bundle would cause at the moment it takes over, tried on a copy of the session."""

from collections import Counter

import msgspec

from engine.inference.carry import remember
from engine.inference.clock import HeldClock
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session


class RuleEffect(msgspec.Struct, frozen=True, kw_only=True):
    """One rule's action: what it would propose, remember as already true, and withdraw."""

    rule: str
    action: str
    proposed: int = 0
    seeded: int = 0
    withdrawn: int = 0


def preview(session: Session, rulebook: Rulebook) -> tuple[RuleEffect, ...]:
    """Return the effects by rule; the session given is not touched."""
    memory = remember(session)
    after, decisions = Session.adopt(rulebook, HeldClock(memory.now), memory)
    known = {(each.key.ruleset, each.key.rule, each.key.action, each.subject) for each in memory.activations}
    counts: dict[str, Counter[tuple[str, str]]] = {"propose": Counter(), "seed": Counter(), "withdraw": Counter()}
    for decision in decisions:
        place = (f"{decision.key.ruleset}/{decision.key.rule}", decision.key.action)
        counts["propose" if decision.kind == "propose" else "withdraw"][place] += 1
    for index, activations in after.activations.by_act.items():
        act = rulebook.act[index]
        name = (act.condition.name, act.spec.id)
        for entity, activation in activations.items():
            key = activation.key
            if activation.ended == "seeded" and (key.ruleset, key.rule, key.action, entity.ref) not in known:
                counts["seed"][name] += 1
    return tuple(
        RuleEffect(
            rule=rule, action=action, proposed=counts["propose"][rule, action], seeded=counts["seed"][rule, action],
            withdrawn=counts["withdraw"][rule, action],
        )
        for rule, action in sorted({*counts["propose"], *counts["seed"], *counts["withdraw"]})
    )  # fmt: skip
