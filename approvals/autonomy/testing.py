"""A verdict on a planted mistake: it tells whether the reviewer saw it, and moves nothing."""

import msgspec

from approvals.autonomy import planting
from approvals.inbox import Inbox
from approvals.results import BadVerdict
from approvals.structs import Person
from engine.events import Action, Verdict
from engine.ports import Entry, Transaction
from engine.source.problem import Problem


async def decide(tx: Transaction, inbox: Inbox, verdict: Verdict, person: Person) -> Verdict | BadVerdict:
    """Return the verdict to go on with, or what the reviewer is told of the planted mistake that was decided on."""
    plants = await planting.planted(tx)
    action = await tx.action(verdict.action) if verdict.action in plants else None
    if action is None:
        return verdict
    seen = planting.shown(action, plants)
    if seen is action or verdict.digest != seen.digest:
        return verdict
    true = msgspec.structs.replace(verdict, digest=action.digest)
    if verdict.verdict not in planting.DECIDING or inbox.refusal(verdict, person, action):
        return true
    await planting.keep(tx, {id: each for id, each in plants.items() if id != action.id})
    caught = verdict.verdict != "approve"
    if verdict.channel != "bulk":
        await tx.append(_entry(action, verdict, person, caught=caught))
    told = "you saw it" if caught else "it passed"
    message = f"this was a planted mistake, and {told}; nothing is sent, and the true one waits in its place now"
    return BadVerdict((Problem("planted", message, hint="look at it again and decide on that"),))


def _entry(action: Action, verdict: Verdict, person: Person, *, caught: bool) -> Entry:
    key = action.key
    body = {
        "does": "canary", "ruleset": key.ruleset, "rule": key.rule, "action": key.action, "caught": caught,
        "verdict": verdict.verdict, "reason": verdict.reason, "channel": verdict.channel, "of": action.id,
    }  # fmt: skip
    return Entry(
        kind="autonomy", recorded_at=verdict.at, actor=person.id, subjects=(f"rule:{key.ruleset}/{key.rule}",),
        body={name: value for name, value in body.items() if value != ""},
    )  # fmt: skip
