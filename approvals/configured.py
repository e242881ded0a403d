"""From the files of a home folder to what approvals run on."""

import os
from datetime import date, time, timedelta
from decimal import Decimal

import msgspec

from approvals import hours as hours_of
from approvals import structs
from approvals.drafting.prompt import Prompt
from approvals.models import structs as models
from engine.model.calendar import holidays_of
from engine.rules.prompts import Prompt as PromptFile
from engine.settings.autonomy import WEEKDAYS, Ask, Autonomy, Caps, Hours, Policy
from engine.settings.models import Models, PerDay
from engine.settings.people import People
from engine.settings.values import resolve


def autonomy(settings: Autonomy, currency: str = "", country: str = "") -> structs.Autonomy:
    """Return the policies; `currency` is the company's, in which limits and caps count, `country` its calendar's."""
    policies = {name: _policy(name, policy, currency, country) for name, policy in settings.policies.items()}
    return structs.Autonomy(policies=policies, default=settings.default or "", currency=currency)


def people(settings: People) -> dict[str, structs.Person]:
    """Return the people by id."""
    return {
        each.id: structs.Person(
            id=each.id,
            name=each.name or each.id,
            email=each.email or "",
            language=each.language or "",
            roles=frozenset(each.roles),
            rulesets=frozenset(each.rulesets),
            amount_limit=None if each.amount_limit is None else Decimal(each.amount_limit),
            delegate=each.delegate or "",
            away=(date.fromisoformat(each.away.from_), date.fromisoformat(each.away.to)) if each.away else None,
        )
        for each in settings.people
    }


def prompt(file: PromptFile) -> Prompt:
    """Return a prompt file in the form that drafting reads."""
    subject = file.front.subject
    by_language = subject if isinstance(subject, dict) else {"": subject} if subject else {}
    return Prompt(
        name=file.file,
        templates={language: text.text for language, text in file.templates.items()},
        subjects={language: text.text for language, text in by_language.items()},
        slots=file.front.slots,
        quoted=file.front.quoted,
        language=file.front.language,
        instructions=file.instructions,
        max_words=file.front.max_words,
        forbidden=file.front.forbidden,
    )


def limits(settings: Models) -> dict[str, models.Limits]:
    """Return what each provider can and may cost."""
    return {
        name: models.Limits(
            can=frozenset(each.can),
            context=each.context,
            max_tokens=each.max_tokens,
            price_in=Decimal(each.price.in_ or 0),
            price_out=Decimal(each.price.out or 0),
            per_day=_per_day(each.per_day),
        )
        for name, each in settings.providers.items()
    }


def routes(settings: Models) -> dict[str, models.Route]:
    """Return who is asked for each step."""
    found = {}
    for step in settings.routes:
        route = settings.route(step)
        found[step] = models.Route(
            providers=tuple(route.providers),
            needs=frozenset(route.needs),
            within=_span(route.within) if route.within else None,
            max_cost=None if route.max_cost is None else Decimal(route.max_cost),
            per_day=_per_day(route.per_day),
        )
    return found


def _per_day(budget: PerDay) -> models.PerDay:
    cost = None if budget.cost is None else Decimal(budget.cost)
    return models.PerDay(calls=budget.calls, tokens=budget.tokens, cost=cost)


def _policy(name: str, policy: Policy, currency: str, country: str) -> structs.Policy:
    return structs.Policy(
        name=name,
        approval=policy.approval,
        starts=policy.starts,
        max_consequence=policy.max_consequence,
        internal_only=policy.internal_only,
        approvers=structs.Approvers(roles=policy.approvers.roles, people=policy.approvers.people),
        four_eyes=policy.four_eyes,
        quorum=policy.quorum,
        undo=_span(policy.undo),
        expires=_span(policy.expires) if policy.expires else None,
        ask=_ask(policy.ask) if policy.ask else None,
        remind=_span(policy.remind) if policy.remind else None,
        escalate=structs.Escalation(_span(policy.escalate.after), policy.escalate.to) if policy.escalate else None,
        hours=_hours(policy.hours, country) if policy.hours else None,
        caps=_caps(policy.caps, currency),
        amount=policy.amount,
    )


def _hours(hours: Hours, country: str) -> hours_of.Hours:
    return hours_of.Hours(
        opens=time.fromisoformat(hours.from_),
        closes=time.fromisoformat(hours.to),
        days=frozenset(WEEKDAYS.index(day) for day in hours.days),
        off=holidays_of(hours.holidays or country),
        zone=hours.zone.text if hours.zone else "",
    )


def _ask(ask: Ask) -> structs.Ask:
    return structs.Ask(ask.source, resolve(ask.url, os.environ).rstrip("/"))


def _caps(caps: Caps, currency: str) -> structs.Caps:
    customer, amount = caps.per_customer, caps.amount
    return structs.Caps(
        per_hour=caps.per_hour,
        per_customer=structs.Count(customer.count, _span(customer.within)) if customer else None,
        amount=structs.Total(amount.total, _span(amount.within), amount.currency or currency) if amount else None,
    )


def _span(text: str) -> timedelta:
    return msgspec.convert(text, timedelta)
