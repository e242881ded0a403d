"""What each action that can graduate depends on at present, as digests."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from engine.inference.rulebook import Rulebook
from engine.rules import Home
from evals.diff.depends import dependencies, fingerprint, routes
from evals.diff.slicing import Slices


class Fingerprint(msgspec.Struct, frozen=True):
    """A digest of everything, and one for each part by name, so that a change can be named."""

    digest: str
    parts: Mapping[str, str]


ANSWERING = "models that answer"
"""The part that names the models which providers said had answered, whatever the files call them."""

Observed = Mapping[str, Mapping[str, str]]
"""By route and provider, the model that the provider's last answer named."""


def fingerprints(
    home: Home, rulebook: Rulebook, models: Sequence[str], observed: Observed | None = None
) -> dict[str, Fingerprint]:
    """Return the fingerprint of each action by `ruleset/rule/action`, of those whose policy lets them graduate.

    `models` names what stands behind the drafting route at present, as `provider:model`.
    """
    if not any(
        earns(home, spec.autonomy) for each in home.rulesets.values() for rule in each.rules for spec in rule.do
    ):
        return {}
    slices = Slices(home, rulebook)
    return dict(_each(home, slices, models, observed or {}))


def earns(home: Home, policy: str | None) -> bool:
    """Whether a policy, or the default, lets an action graduate or start in shadow."""
    found = home.autonomy.policies.get(policy or home.autonomy.default or "")
    return found is not None and (found.approval == "earned" or found.starts == "shadow")


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the parts that are not the same in both."""
    return tuple(sorted(each for each in before.keys() | after.keys() if before.get(each) != after.get(each)))


def _each(home: Home, slices: Slices, models: Sequence[str], observed: Observed) -> Iterator[tuple[str, Fingerprint]]:
    for name, rule in slices.rules.items():
        for spec in rule.do:
            if not earns(home, spec.autonomy):
                continue
            known = dict(dependencies(slices, name, spec))
            known |= {"models in use": list(models)} if spec.draft else {}
            answering = {route: dict(observed[route]) for route in routes(slices, name, spec) if observed.get(route)}
            known |= {ANSWERING: answering} if answering else {}
            parts = {part: fingerprint({part: value})[:16] for part, value in known.items()}
            yield f"{name}/{spec.id}", Fingerprint(fingerprint(known), parts)
