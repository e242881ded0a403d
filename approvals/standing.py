"""What people said once and for all: an action of a rule that is never to be proposed for an account.

It stands as a setting, read in the transaction that proposes, and in the journal, filed under `standing:never`; both
name who said it, on which action and when. The words stay with the verdict, under the account's own key.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from approvals.reasons import NEVER
from engine.events import Action, ActionKey
from engine.ports import Entry, Reader, Transaction

FILED = f"standing:{NEVER}"
_PAGE = 1000


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One such word: `id` to lift it by, the rule's action, the account, and who said it when on which action."""

    id: str
    ruleset: str
    rule: str
    action: str
    account: str
    by: str
    at: datetime
    said_on: str = ""


def name_of(key: ActionKey, account: str) -> str:
    """Return the id of the word about a rule's action and an account."""
    return f"{NEVER}:{key.ruleset}/{key.rule}/{key.action}:{account}"


async def forbid(tx: Transaction, action: Action, by: str, at: datetime) -> None:
    """Let a rule's action never be proposed again for the account."""
    account = action.root or action.key.subject
    await tx.set_setting(name_of(action.key, account), f"{by} said on {at.date().isoformat()}: never for this customer")
    body = {
        "standing": True, "ruleset": action.key.ruleset, "rule": action.key.rule, "action": action.key.action,
        "account": account, "said_on": action.id,
    }  # fmt: skip
    about = (FILED, account, f"action:{action.id}")
    await tx.append(Entry(kind="note", recorded_at=at, actor=by, subjects=about, revision=action.revision, body=body))


async def forbidden(tx: Transaction, keys: Iterable[ActionKey], accounts: Sequence[str]) -> str:
    """Return why the action is not proposed for the account, "" when nobody spoke against it under any of the names."""
    for key in keys:
        for account in accounts:
            if said := await tx.setting(name_of(key, account)):
                return said
    return ""


async def lift(tx: Transaction, word: Standing, by: str, at: datetime) -> bool:
    """Let it be proposed again from the next time on; False when nothing stood."""
    if not await tx.setting(word.id):
        return False
    await tx.set_setting(word.id, "")
    body = {
        "standing": False, "ruleset": word.ruleset, "rule": word.rule, "action": word.action, "account": word.account,
    }  # fmt: skip
    await tx.append(Entry(kind="note", recorded_at=at, actor=by, subjects=(FILED, word.account), body=body))
    return True


async def standing(reader: Reader) -> Mapping[str, Standing]:
    """Return all that stands, by id."""
    found: dict[str, Standing] = {}
    after = 0
    while page := await reader.entries(after, subject=FILED, kinds=("note",), limit=_PAGE):
        for entry in page:
            word = _word(entry.body or {}, entry.actor, entry.recorded_at)
            if (entry.body or {}).get("standing"):
                found[word.id] = word
            else:
                found.pop(word.id, None)
        after = page[-1].seq
    return found


def _word(body: Mapping[str, Any], by: str, at: datetime) -> Standing:
    told = {name: str(body.get(name, "")) for name in ("ruleset", "rule", "action", "account", "said_on")}
    key = ActionKey(told["ruleset"], told["rule"], told["action"], told["account"])
    return Standing(id=name_of(key, told["account"]), by=by, at=at, **told)
