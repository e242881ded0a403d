"""What the stages that its rules have reached let an action do by itself."""

from approvals.autonomy.keeping import standing_of
from approvals.autonomy.standing import Alone, Standing, alone
from approvals.context import Context
from engine.events import Action, ActionKey
from engine.ports import Transaction


async def stage_of(tx: Transaction, context: Context, action: Action) -> Alone:
    """Return what the stages of all rules that an action carries out let it do by itself."""
    policy = context.autonomy.policy(action.policy)
    found = [
        alone(policy, await reached(tx, context, key), context.fingerprint(key), action.id)
        for key in dict.fromkeys(action.keys)
    ]
    return Alone(
        reasons=tuple(dict.fromkeys(reason for each in found for reason in each.reasons)),
        shadow=any(each.shadow for each in found),
        audited=any(each.audited for each in found),
    )


async def reached(tx: Transaction, context: Context, key: ActionKey) -> Standing | None:
    """Return the stage of an action; of a renamed rule's earlier name only that autonomy was taken back."""
    for name in context.names(key):
        standing = await standing_of(tx, name)
        if standing is not None and (name == key or (standing.stage == "approval" and standing.by)):
            return standing
    return None
