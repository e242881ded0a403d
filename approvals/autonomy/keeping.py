"""Stages as journaled states: read and changed inside the transaction that acts on them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec

from approvals.autonomy.standing import Standing, unit
from approvals.dispatch.outcome import maybe_sent
from approvals.life import Life, step
from engine.events import Action, ActionKey
from engine.ports import Entry, Reader, Transaction

_SETTING = "autonomy:"
_QUEUED = frozenset({"approved", "scheduled"})


async def standing_of(tx: Transaction, key: ActionKey) -> Standing | None:
    """Return the stage that was reached, None while nothing was ever said of it."""
    return await standing_named(tx, unit(key))


async def standing_named(tx: Transaction, name: str) -> Standing | None:
    """Return the stage of `ruleset/rule/action`."""
    return _standing(await tx.setting(_SETTING + name))


async def standings(reader: Reader, names: Collection[str]) -> Mapping[str, Standing | None]:
    """Return the stages of several `ruleset/rule/action`, for people to read."""
    kept = await reader.settings([_SETTING + name for name in names])
    return {name: _standing(kept.get(_SETTING + name)) for name in names}


def _standing(text: str | None) -> Standing | None:
    return msgspec.json.decode(text, type=Standing) if text else None


async def keep(
    tx: Transaction,
    name: str,
    standing: Standing,
    does: str,
    *,
    by: str,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
) -> int:
    """Store a stage and journal what changed it; returns the entry's number."""
    ruleset, rule, action = name.split("/")
    body: dict[str, Any] = {"does": does, "ruleset": ruleset, "rule": rule, "action": action}
    body |= {"stage": standing.stage, "fingerprint": standing.fingerprint}
    body |= {"share": standing.share, "audit": standing.audit} if standing.stage == "autonomous" else {}
    body |= {"reason": standing.because} if standing.because else {}
    body |= facts or {}
    seq = await tx.append(
        Entry(kind="autonomy", recorded_at=at, actor=by, subjects=(f"rule:{ruleset}/{rule}",), body=body)
    )
    await tx.set_setting(_SETTING + name, msgspec.json.encode(standing).decode())
    return seq


async def call_back(tx: Transaction, life: Life, name: str, standing: Standing, at: datetime) -> tuple[Action, ...]:
    """Return to the inbox what waits to go by itself; what may have been sent already is left to dispatch."""
    found = []
    for action in await tx.live_actions():
        if name in map(unit, action.keys) and action.state in _QUEUED and by_itself(action) and not maybe_sent(action):
            back = step(action, "pending", at, standing.by or "autonomy", standing.because, not_before=None)
            if await life.move(tx, action, back, approves=""):
                found.append(back)
    return tuple(found)


def by_itself(action: Action) -> bool:
    """Whether a policy alone released the action, and no person."""
    last = next((each for each in reversed(action.history) if each.state == "approved"), None)
    return last is not None and last.by.startswith("policy:")
