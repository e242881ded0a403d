"""How far one (ruleset, rule, action) has come, and what follows for one action: pure functions."""

import hashlib
from datetime import datetime
from typing import Literal

import msgspec

from approvals.structs import Policy
from engine.events import ActionKey

Stage = Literal["shadow", "approval", "autonomous"]


class Asked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody asked for the next stage: the evidence was frozen at a journal entry and judged.

    `labelled` counts all samples by then, for the fresh ones that the next time needs.
    """

    seq: int
    labelled: int
    passed: bool
    by: str
    at: datetime


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of one action: journaled with each change, and read where an action is proposed.

    `since` is when the stage or the fingerprint changed last, `from_seq` the journal entry that evidence counts from.
    `share` goes by itself, of which `audit` is looked at; `step_seq` is where the canary's step began. `revision` is
    the configuration under which the fingerprint was first seen, `former` what was reached before it changed, so that
    an admin can carry it over.
    """

    stage: Stage
    since: datetime
    fingerprint: str = ""
    from_seq: int = 0
    share: float = 1.0
    audit: float = 1.0
    step_seq: int = 0
    promoted_seq: int = 0
    by: str = ""
    because: str = ""
    asked: Asked | None = None
    revision: str = ""
    former: "Standing | None" = None


class Alone(msgspec.Struct, frozen=True, kw_only=True):
    """Whether one action may go by itself: `reasons` say why not; `audited`: a person looks at it afterwards."""

    reasons: tuple[str, ...] = ()
    shadow: bool = False
    audited: bool = False


def unit(key: ActionKey) -> str:
    """Return the name under which evidence and stage are kept."""
    return f"{key.ruleset}/{key.rule}/{key.action}"


def alone(policy: Policy | None, standing: Standing | None, fingerprint: str, action: str) -> Alone:
    """Return whether the stage lets an action go by itself; what else speaks against it is for the policy."""
    if policy is None:
        return Alone()
    stage = standing.stage if standing else policy.starts
    if stage == "shadow":
        return Alone(shadow=True)
    if policy.approval == "never":
        told = standing.because if standing and standing.because else "it was taken back"
        taken = standing is not None and stage == "approval" and bool(standing.by)
        return Alone(reasons=(f"autonomy was taken back: {told}",) if taken else ())
    if policy.approval != "earned":
        return Alone()
    if standing is None or stage != "autonomous":
        return Alone(reasons=("in approval: autonomy is not earned yet",))
    if standing.fingerprint != fingerprint:
        return Alone(reasons=("what the action depends on has changed since it earned autonomy",))
    if draw("canary", action) >= standing.share:
        return Alone(reasons=(f"canary: {standing.share:.0%} go by themselves",))
    return Alone(audited=draw("audit", action) < standing.audit)


def draw(purpose: str, action: str) -> float:
    """Return a number in [0, 1) that only the action's id decides, so that a replay draws the same."""
    digest = hashlib.sha256(f"{purpose}:{action}".encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56
