"""Decisions of one group about one account as one: what a person decides once.

Only what means the same together is put together: inputs that are alike, lists (end to end), contexts (key by key), and
words that a person may edit. Whatever else differs, a recipient, an id, an amount, keeps decisions apart.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from engine.canonical import canonical_json
from engine.events import Action, Decision, Joined, Proof
from engine.ports import Operation

_APART: Final = object()


def members(action: Action) -> tuple[str, ...]:
    """Return the proposals that an action carries out."""
    return tuple(each.proposal for each in action.joined) or (action.id,)


def together(decisions: Sequence[Decision], operation: Operation | None) -> Decision | None:
    """Return one decision for several, in their order; None when they cannot be one action."""
    first = decisions[0]
    alike = {(each.operation, each.draft, each.policy, each.revision) for each in decisions}
    inputs = merged([each.inputs for each in decisions], operation)
    if len(alike) > 1 or inputs is None:
        return None
    ends = [each.valid_until for each in decisions if each.valid_until is not None]
    return msgspec.structs.replace(
        first,
        inputs=inputs,
        because="; ".join(dict.fromkeys(each.because for each in decisions)),
        valid_until=min(ends, default=None),
        joined=tuple(Joined(each.proposal, each.key, each.because) for each in decisions),
        proof=first.proof if len(decisions) == 1 else _proof(decisions),
    )


def merged(inputs: Sequence[Mapping[str, Any]], operation: Operation | None) -> Mapping[str, Any] | None:
    """Return the inputs of several decisions as those of one; None when they must stay apart."""
    if len(inputs) == 1:
        return inputs[0]
    names = dict.fromkeys(name for each in inputs for name in each)
    editable = operation.editable if operation else frozenset()
    found = {name: _merged([each.get(name) for each in inputs], words=name in editable) for name in names}
    return None if any(value is _APART for value in found.values()) else found


def alike(values: Sequence[Any]) -> Any:  # noqa: ANN401  (FEEL values)
    """Return the one value that all are, else the list of the different ones."""
    found = _distinct(values) if len(values) > 1 else values
    return found[0] if len(found) == 1 else found


def _merged(values: Sequence[Any], *, words: bool) -> Any:  # noqa: ANN401  (FEEL values)
    found = _distinct(values)
    if len(found) == 1:
        return found[0]
    if all(isinstance(each, list) for each in found):
        return _distinct([item for each in found for item in each])
    if all(isinstance(each, dict) for each in found):
        return {name: alike([each.get(name) for each in found]) for name in {**found[0], **found[-1]}}
    if words and all(isinstance(each, str) for each in found):
        return "; ".join(found)
    return _APART


def _distinct(values: Sequence[Any]) -> list[Any]:
    return list({canonical_json(value): value for value in reversed(values)}.values())[::-1]


def _proof(decisions: Sequence[Decision]) -> Proof:
    text = f"{len(decisions)} decisions of the group {decisions[0].group}"
    reasons = tuple(each.proof for each in decisions)
    return Proof(kind="group", path=decisions[0].root, value=len(decisions), text=text, reasons=reasons)
