"""Planted mistakes: a false version of a waiting action, shown in its place to measure what reviewers miss.

The action itself is never touched, so what is false can never be sent: it has a digest of its own, no verdict on that
digest moves anything, and the true version waits for a word afterwards.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from approvals.autonomy.standing import draw, unit
from approvals.payload import sealed
from approvals.policy import voters
from approvals.structs import Policy
from engine.events import Action, Draft
from engine.ports import Transaction

SETTING: Final = "planted"
DECIDING: Final = frozenset({"approve", "edit", "reject"})
"""Verdicts that tell whether a mistake was seen."""


class Planted(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown in place of one version (`digest`) of an action."""

    digest: str
    payload: Mapping[str, Any]
    draft: Draft | None = None


Plants = Mapping[str, Planted]
"""By the action's id."""


async def planted(tx: Transaction) -> dict[str, Planted]:
    """Return all that is planted at present."""
    return read(await tx.setting(SETTING))


def read(text: str | None) -> dict[str, Planted]:
    """Return what the setting holds."""
    return msgspec.json.decode(text, type=dict[str, Planted]) if text else {}


async def keep(tx: Transaction, plants: Plants) -> None:
    """Store what is planted."""
    await tx.set_setting(SETTING, msgspec.json.encode(plants).decode())


def shown(action: Action, plants: Plants) -> Action:
    """Return the action as it is shown: false where a mistake is planted on this very version."""
    found = plants.get(action.id)
    if found is None or action.state != "pending" or action.digest != found.digest:
        return action
    return sealed(msgspec.structs.replace(action, payload=found.payload, draft=found.draft))


def falsified(action: Action, donors: Iterable[Action]) -> Planted | None:
    """Return the action with what is another one's: its words, or where there are none one of its values.

    Whom it goes to stays. None where nothing of another account differs.
    """
    for donor in donors:
        if unit(donor.key) != unit(action.key) or donor.root == action.root or donor.id == action.id:
            continue
        texts = {name for name, value in action.payload.items() if _words(value, action.draft)}
        other = {name for name, value in donor.payload.items() if _words(value, donor.draft)}
        names = [*sorted(texts & other)] or [
            name
            for name, value in sorted(action.payload.items())
            if value != action.recipient and name in donor.payload and donor.payload[name] != value
        ][:1]
        payload = {**action.payload, **{name: donor.payload[name] for name in names}}
        if payload != dict(action.payload):
            return Planted(digest=action.digest, payload=payload, draft=donor.draft if texts & other else action.draft)
    return None


def fit(action: Action, policy: Policy) -> bool:
    """Whether a mistake may be planted on an action: one that only the inbox shows, whole, and nobody has spoken on."""
    alone = len(action.joined) < 2 and policy.ask is None
    return alone and action.state == "pending" and not voters(action) and not action.not_before


def choose(waiting: Sequence[Action], plants: Plants, policy: Policy) -> Action | None:
    """Return the action to plant on; which one only its id decides."""
    found = [each for each in waiting if each.id not in plants and fit(each, policy)]
    return min(found, key=lambda each: draw("plant", each.id), default=None)


def _words(value: Any, draft: Draft | None) -> bool:  # noqa: ANN401  (a payload's value)
    return draft is not None and isinstance(value, str) and bool(value) and value in (draft.text, draft.subject)
