"""What a change does to how far actions may go by themselves."""

from collections.abc import Iterator, Sequence
from typing import Final

from approvals import configured
from approvals.policy import needs_person
from engine.ports import Operation
from engine.rules import ActionSpec, Home
from engine.settings.sources import BUILT_IN, OperationSettings
from evals.diff.depends import dependencies, differing
from evals.diff.semantic import bare, rules_of
from evals.diff.slicing import Slices
from evals.diff.structs import Standing

_NAMED: Final = 5


def standings(first: Slices, second: Slices) -> Iterator[Standing]:
    """Yield each consequence."""
    base, head = first.home, second.home
    before = rules_of(base)
    for name, rule in rules_of(head).items():
        was = name if name in before else f"{name.rpartition('/')[0]}/{rule.was}"
        former = before.get(was)
        known = {each.id: each for each in former.do} if former is not None else {}
        for spec in rule.do:
            old = known.get(spec.id)
            if old is None:
                told = () if reasons(head, spec) else ("starts autonomous: no person sees it before it is done",)
                yield from (Standing(rule=name, action=spec.id, text=text) for text in told)
                continue
            shift = _shift(reasons(base, old), reasons(head, spec))
            if shift:
                yield Standing(rule=name, action=spec.id, text=shift, shifts=True)
            changed = () if shift else differing(dependencies(first, was, old), dependencies(second, name, spec))
            for text in _quiet(base, old, head, spec, changed):
                yield Standing(rule=name, action=spec.id, text=text)


def reasons(home: Home, spec: ActionSpec) -> tuple[str, ...]:
    """Return why a person must decide on an action; empty when it goes by itself."""
    autonomy = configured.autonomy(home.autonomy, home.app.currency or "")
    name = spec.autonomy or home.autonomy.default or ""
    return needs_person(autonomy.policy(name), _operation(home, spec.operation), named=name)


def _operation(home: Home, name: str) -> Operation:
    source, _, short = name.partition(".")
    settings = home.sources.sources.get(source)
    built_in = BUILT_IN.get(settings.connector, {}).get(short) if settings else None
    found = (settings.operations.get(short) if settings else None) or built_in or OperationSettings()
    return Operation(
        name=name, consequence=found.consequence or "high", idempotency=found.idempotency or "none",
        leaves_company=found.leaves_company is not False, fields=found.fields,
    )  # fmt: skip


def _policy(home: Home, spec: ActionSpec) -> tuple[str, object]:
    name = spec.autonomy or home.autonomy.default or "(none)"
    return name, bare(home.autonomy.policies.get(name))


def _shift(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    if after and not before:
        return f"loses its autonomous status: {'; '.join(after)}"
    return (
        f"becomes autonomous, no person decides any more (before: {'; '.join(before)})" if before and not after else ""
    )


def _quiet(base: Home, old: ActionSpec, head: Home, new: ActionSpec, changed: Sequence[str]) -> Iterator[str]:
    """Yield what leaves an action as autonomous as it was."""
    before, after = _policy(base, old), _policy(head, new)
    if before[0] != after[0]:
        yield f"goes by the policy {after[0]} instead of {before[0]}"
    elif before[1] != after[1]:
        yield f"goes by the policy {after[0]}, which changed"
    if changed and not reasons(head, new):
        told = ", ".join(changed[:_NAMED]) + (f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else "")
        yield f"what it depends on changed ({told}): the evidence for its autonomy is to be earned again"
