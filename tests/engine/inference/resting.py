"""Conditions that rest on replies which are missing, each labelled by hand: the engine has to find out for itself."""

import re
from collections.abc import Mapping, Sequence

from engine.model.structs import Model
from engine.rules.structs import Ruleset
from tests.engine.inference.dice import Dice

ATOMS: Mapping[str, Mapping[str, tuple[bool, bool]]] = {
    "customer": {
        "count(replies) = 0": (True, True),
        "count(replies) < 2": (True, False),
        "count(replies) > 0": (False, True),
        "count(replies[at >= contact]) = 0": (True, True),
        "some r in replies satisfies r.at > contact": (False, True),
        "not(some r in replies satisfies r.at >= contact)": (True, False),
        "every r in replies satisfies r.at < contact": (True, False),
        'now() - max(replies.at) > duration("P2D")': (True, False),
        "count(replies) = 0 and today() > since": (True, True),
        'count(replies) < 1 and now() > contact + duration("PT30H")': (True, False),
        'contact != null and count(replies[at > contact]) < 1 and now() > contact + duration("P2D")': (True, False),
    },
    "invoice": {
        "count(customer.replies) = 0 and today() > due": (True, True),
        "count(customer.replies) < 1": (True, False),
        "some r in customer.replies satisfies r.at > seen": (False, True),
    },
}
"""By subject: whether a reply that comes could make it false, and whether it could make it true."""


class Resting:
    """What is known of each condition that was made: whether one more reply could make it false, or true."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[bool, bool]] = {}

    def atom(self, dice: Dice, type: str) -> str:
        text: str = dice.pick(sorted(ATOMS[type]))
        self.known[text] = ATOMS[type][text]
        return text

    def joined(self, text: str, parts: Sequence[str], contrary: Sequence[str] = ()) -> str:
        """Remember a condition that follows its parts, and follows others contrariwise."""
        of = [self.of(part) for part in parts] + [self.of(part)[::-1] for part in contrary]
        self.known[text] = (any(falls for falls, _ in of), any(rises for _, rises in of))
        return text

    def of(self, text: str) -> tuple[bool, bool]:
        return self.known.get(text, (False, False))

    def rests(self, text: str) -> bool:
        """Whether a reply that comes could make the condition false."""
        return self.of(text)[0]


def moving(model: Model, rulesets: Sequence[Ruleset]) -> frozenset[str]:
    """The computed fields that the clock moves, and the clock."""
    texts = [
        (name, field.derived.text)
        for type in model.entities.values()
        for name, field in type.fields.items()
        if field.derived
    ]
    for rule in (rule for ruleset in rulesets for rule in ruleset.rules):
        lets = " ".join(value.text for value in rule.let.values())
        texts += [(name, f"{lets} {rule.when.text} {value.text}") for name, value in rule.set.items()]
    found = {"now", "today"}
    while more := {name for name, text in texts if words(text) & found} - found:
        found |= more
    return frozenset(found)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", re.sub(r'"[^"]*"', "", text)))
