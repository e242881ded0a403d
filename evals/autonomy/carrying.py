"""Whether evidence may be carried over a change: only what a comparison over history can see, and it must be empty."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from engine.inference.rulebook import Rulebook
from engine.ports import Stored
from engine.rules import ActionSpec, Home
from engine.source.counted import counted
from evals.autonomy.fingerprints import changed
from evals.diff.behaviour import compare
from evals.diff.semantic import bare
from evals.diff.slicing import Slice, Slices
from evals.diff.structs import Behaviour

SEEN = ("rule", "action", "field", "table", "calendar")
"""The parts of a fingerprint whose change shows in decisions; words, models, mappings and operations do not."""


class Carry(msgspec.Struct, frozen=True, kw_only=True):
    """A comparison of two revisions for one action: what changed, why it may not be carried over, and its digest."""

    changed: tuple[str, ...]
    refused: tuple[str, ...]
    digest: str = ""
    inputs: int = 0
    decisions: int = 0


def carry(
    name: str, homes: tuple[Home, Home], parts: tuple[Mapping[str, str], Mapping[str, str]],
    inputs: Sequence[Stored], coverage: Sequence[Stored],
) -> Carry:  # fmt: skip
    """Hold the former configuration against the present one for the action `ruleset/rule/action`."""
    rule, _, action = name.rpartition("/")
    told = changed(*parts)
    specs = [_spec(home, rule, action) for home in homes]
    if specs[0] is None or specs[1] is None:
        return Carry(changed=told, refused=(f"{name} was not there before",))
    blind = [*_unseen(told, homes[1], rule, specs[1])]
    if bare(specs[0].outcome) != bare(specs[1].outcome):
        blind.append("what counts as a bad outcome changed, and with it what the labels mean")
    if blind:
        return Carry(changed=told, refused=tuple(blind))
    found = compare(*homes, inputs, coverage, examples=0)
    refused = [*_differing(found, rule, action), *(str(each) for each in found.unevaluable if each.rule == rule)]
    if not inputs:
        refused.append("there is no history to compare over")
    return Carry(
        changed=told, refused=tuple(refused), digest=digest(found), inputs=found.inputs, decisions=found.unchanged
    )


def digest(found: Behaviour) -> str:
    """Return the SHA-256 of a comparison; how long it took is no part of it."""
    plain = msgspec.structs.replace(found, seconds=0.0)
    return hashlib.sha256(msgspec.json.encode(plain, enc_hook=str, order="deterministic")).hexdigest()


def _spec(home: Home, rule: str, action: str) -> ActionSpec | None:
    ruleset, _, id = rule.partition("/")
    rules = home.rulesets[ruleset].rules if ruleset in home.rulesets else ()
    return next((spec for each in rules if each.id == id for spec in each.do if spec.id == action), None)


def _unseen(told: Sequence[str], head: Home, rule: str, spec: ActionSpec) -> Iterator[str]:
    """Yield what changed and shows in no decision: a comparison over them says nothing."""
    worded = _worded(head, rule, spec)
    for each in told:
        kind, _, rest = each.partition(" ")
        if kind not in SEEN:
            yield f"{each} changed, which no comparison of decisions over history can see: it is earned again"
        elif (kind == "field" and tuple(rest.split(".", 1)) in worded.slots) or (
            kind in ("table", "rule") and rest in worded.tables | worded.rules
        ):
            yield f"{each} changed, which the words of the action read: it is earned again"


def _worded(home: Home, rule: str, spec: ActionSpec) -> Slice:
    prompt = home.prompt(rule.partition("/")[0], spec.draft) if spec.draft else None
    if prompt is None:
        return Slice(frozenset(), frozenset())
    slices = Slices(home, Rulebook.of(home))
    return slices.worded(slices.rules[rule].for_, (*prompt.front.slots.values(), *prompt.front.quoted.values()))


def _differing(found: Behaviour, rule: str, action: str) -> Iterator[str]:
    for each in found.tallies:
        if (each.rule, each.action) == (rule, action):
            yield f"over history {counted(each.count, 'decision')} with a difference: {each.kind} {each.effect}"
