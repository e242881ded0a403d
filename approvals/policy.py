"""What may go without a person, who that person may be, and how much may go at all: pure functions.

Whatever is not allowed in so many words needs a person.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from approvals.structs import Autonomy, Person, Policy
from engine.events import Action, ActionKey
from engine.memory import Pulled
from engine.ports import Operation
from engine.settings.roles import WITHOUT_A_SAY, reached

CONSEQUENCES = ("none", "low", "medium", "high")
REMARKS = frozenset({"voted", "delegated", "snoozed", "claimed", "commented", "asked", "reminded", "escalated"})
"""Lines of history that change nothing about what is decided."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Authors = Callable[[ActionKey, str], frozenset[str]]
"""The ids of those who wrote the rule as it stands in a bundle revision; the second argument is the revision."""


class Amount(msgspec.Struct, frozen=True):
    """Money at stake; `value` None when there is some and it cannot be read."""

    value: Decimal | None
    currency: str = ""


def scopes(key: ActionKey, operation: str) -> tuple[str, ...]:
    """Return the kill switches that stop an action, widest first."""
    return (
        "all",
        f"ruleset:{key.ruleset}",
        f"rule:{key.ruleset}/{key.rule}",
        f"source:{operation.partition('.')[0]}",
    )


def stopped(key: ActionKey, operation: str, switches: Mapping[str, Pulled]) -> str:
    """Return the pulled switch that stops the action and its reason, "" when none does."""
    pulled = next((scope for scope in scopes(key, operation) if scope in switches), "")
    return f"kill switch {pulled}: {switches[pulled].reason or 'no reason given'}" if pulled else ""


def halted(keys: Iterable[ActionKey], operation: str, switches: Mapping[str, Pulled]) -> str:
    """Return the pulled switch that stops an action about any of the keys; "" when none does."""
    return next((stop for key in keys if (stop := stopped(key, operation, switches))), "")


def needs_person(
    policy: Policy | None,
    operation: Operation,
    *,
    named: str = "",
    stop: str = "",
    earned: bool = False,
    doubts: Iterable[str] = (),
) -> tuple[str, ...]:
    """Return why a person must decide; empty only when policy allows the operation in so many words.

    `earned`: the action has reached the autonomous stage, which a policy of `earned` asks for.
    """
    if policy is None:
        return (f"no policy {named or '(default)'}", *doubts)
    reasons = [stop] if stop else []
    if policy.approval == "always" or (policy.approval == "earned" and not earned):
        reasons.append(f"{policy.name} asks for approval{' until it is earned' if policy.approval == 'earned' else ''}")
    if CONSEQUENCES.index(operation.consequence) > CONSEQUENCES.index(policy.max_consequence):
        reasons.append(f"consequence {operation.consequence} is above {policy.max_consequence}")
    if policy.internal_only and operation.leaves_company:
        reasons.append(f"{operation.name} leaves the company")
    return (*reasons, *doubts)


def may_decide(person: Person, action: Action, autonomy: Autonomy) -> str:
    """Return why this person has no say on the action, "" when they have."""
    policy = autonomy.policy(action.policy) or Policy(name=action.policy)
    if WITHOUT_A_SAY in person.roles:
        return f"{person.id} is an auditor, who reads everything and decides nothing"
    if person.id not in policy.approvers.people and not person.roles & policy.approvers.roles:
        return f"{person.id} has none of the roles {', '.join(sorted(policy.approvers.roles))}"
    if not person.reads(action.key.ruleset):
        return f"{person.id} does not decide on {action.key.ruleset}"
    return ""


def reaching(person: Person) -> Person:
    """Return the person with the roles below their own."""
    return msgspec.structs.replace(person, roles=reached(person.roles))


def may_approve(person: Person, action: Action, autonomy: Autonomy, authors: frozenset[str] = frozenset()) -> str:
    """Return why this person may not approve, "" when they may; delegation never adds a right."""
    policy = autonomy.policy(action.policy) or Policy(name=action.policy)
    if policy.four_eyes and person.id in authors:
        return f"{person.id} wrote the rule, another person approves (four eyes)"
    if policy.four_eyes and person.id in editors(action):
        return f"{person.id} edited this, another person approves (four eyes)"
    return may_decide(person, action, autonomy) or _over_limit(person, action, policy, autonomy.currency)


def may_assist(action: Action, policy: Policy) -> str:
    """Return why an assistant may not approve in a person's name, "" when it may: what it says nobody may have read."""
    if action.consequence != "low":
        return f"an assistant approves only what has low consequence, a person approves what has {action.consequence}"
    if policy.four_eyes or policy.quorum > 1:
        return f"{policy.name} counts people, and an assistant is none"
    return ""


def editors(action: Action) -> frozenset[str]:
    """Return who edited the action."""
    return frozenset(item.by for item in action.history if item.state == "edited")


def voters(action: Action) -> frozenset[str]:
    """Return who approved the current version so far, where a quorum is asked."""
    since = max((place for place, item in enumerate(action.history) if item.state not in REMARKS), default=-1)
    return frozenset(item.by for item in action.history[since + 1 :] if item.state == "voted")


def amount_of(payload: Mapping[str, Any], key: str) -> Amount | None:
    """Return the money under a payload key, None when the action moves none."""
    value = payload.get(key)
    if value is None:
        return None
    currency = ""
    if isinstance(value, Mapping):
        currency, value = str(value.get("currency") or ""), value.get("amount")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return Amount(None, currency)
    return Amount(number if number.is_finite() else None, currency)


def _over_limit(person: Person, action: Action, policy: Policy, currency: str) -> str:
    amount = amount_of(action.payload, policy.amount)
    if person.amount_limit is None or amount is None:
        return ""
    if amount.value is None:
        return f"{person.id} has an amount limit and the amount cannot be read"
    if amount.currency not in ("", currency):
        return f"{person.id}'s amount limit is in {currency or 'no currency'}, the amount in {amount.currency}"
    if abs(amount.value) > person.amount_limit:
        return f"the amount is above {person.id}'s limit of {person.amount_limit}"
    return ""


def window(policy: Policy) -> timedelta:
    """Return how far back the caps of a policy look."""
    caps = policy.caps
    spans = [HOUR] if caps.per_hour is not None else []
    spans += [cap.within for cap in (caps.per_customer, caps.amount) if cap]
    return max(spans, default=timedelta())


def account_of(action: Action) -> str:
    """Return the account that an action was about when it was proposed."""
    return action.root or action.key.subject


def capped(
    policy: Policy,
    action: Action,
    begun: Iterable[Action],
    now: datetime,
    account: Callable[[Action], str] | None = None,
) -> str:
    """Return the cap that starting the action would break, "" when none; `begun` are the starts of `window`.

    `account`: whom an action is about as of now, for two customers may have become one.
    """
    caps = policy.caps
    others = [each for each in begun if each.id != action.id]
    if caps.per_hour is not None and len(_since(others, now - HOUR)) >= caps.per_hour:
        return f"{policy.name} starts at most {caps.per_hour} an hour"
    if caps.per_customer:
        cap = caps.per_customer
        same = [
            each for each in _since(others, now - cap.within) if _same_customer(each, action, account or account_of)
        ]
        if len(same) >= cap.count:
            return f"{policy.name} starts at most {cap.count} for a customer in {_span(cap.within)}"
    return _over_total(policy, action, others, now)


def begun_at(action: Action) -> datetime:
    """Return when sending last began."""
    return next((item.at for item in reversed(action.history) if item.state == "sending"), action.created_at)


def _since(actions: Iterable[Action], moment: datetime) -> list[Action]:
    return [each for each in actions if begun_at(each) > moment]


def _over_total(policy: Policy, action: Action, others: Iterable[Action], now: datetime) -> str:
    cap, amount = policy.caps.amount, amount_of(action.payload, policy.amount)
    if cap is None or amount is None:
        return ""
    if amount.value is None or amount.currency not in ("", cap.currency):
        return f"{policy.name} caps amounts in {cap.currency or 'one currency'} and this one cannot be counted"
    spent = abs(amount.value)
    for other in _since(others, now - cap.within):
        each = amount_of(other.payload, policy.amount)
        spent += abs(each.value) if each and each.value is not None else 0
    return f"{policy.name} moves at most {cap.total} in {_span(cap.within)}" if spent > cap.total else ""


def _same_customer(one: Action, other: Action, account: Callable[[Action], str]) -> bool:
    return account(one) == account(other) or bool(one.recipient and one.recipient == other.recipient)


def _span(span: timedelta) -> str:
    return f"{span.days} days" if span >= DAY else f"{span.total_seconds() / 3600:g} hours"
