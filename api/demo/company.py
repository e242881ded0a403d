"""The company of a seed: its customers with all their names and numbers, and every invoice they will ever get."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any, Literal

import msgspec

from api.demo import words
from api.demo.chance import chance
from api.demo.payers import GRACE, LAST, TALK, Bill, Payer, Profile, bills, overdue_days, profile


class Person(msgspec.Struct, frozen=True):
    """Someone of the company's own staff."""

    id: str
    name: str
    email: str


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer with its three names: the ERP's code, the CRM's id, the addresses it writes from.

    `linked_by` says what the CRM knows of the ERP: its code, the tax number, or the e-mail address alone.
    """

    ref: int
    code: str
    crm_id: str
    name: str
    tax_id: str
    email: str
    contact: str
    contact_email: str
    phone: str
    city: str
    language: Literal["tr", "en"]
    currencies: tuple[str, ...]
    typical: int
    owner: str
    linked_by: Literal["code", "tax_id", "email"]
    profile: Profile


class Invoice(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice with its fate if nobody does anything; `pays` None: not within sight."""

    ref: int
    number: str
    customer: Customer
    issued: date
    due: date
    amount: Decimal
    currency: str
    pays: date | None
    disputed: bool


class Company(msgspec.Struct, frozen=True):
    """Everything that a seed decides."""

    seed: int
    people: tuple[Person, ...]
    customers: tuple[Customer, ...]
    invoices: tuple[Invoice, ...]

    def invoices_of(self, customer: Customer) -> tuple[Invoice, ...]:
        """Return the customer's invoices in order of issue."""
        return tuple(i for i in self.invoices if i.customer.ref == customer.ref)


Plan = tuple[Profile, tuple[Bill, ...]]


def found(seed: int) -> Company:
    """Found the company of this seed."""
    names = words.load("names")
    people = tuple(Person(**p) for p in names["people"])
    plans = list(_plans(seed))
    chance(seed, "order").shuffle(plans)
    mixed = next(n for n, (who, plan) in enumerate(plans) if who.payer is Payer.SLOW and overdue_days(plan, LAST))
    titles = _titles(names, chance(seed, "names"))
    customers = tuple(
        _customer(seed, n, who, next(titles), mixed=n == mixed, names=names, people=people)
        for n, (who, _) in enumerate(plans)
    )
    return Company(seed, people, customers, tuple(_invoices(seed, customers, plans)))


def _plans(seed: int) -> Iterator[Plan]:
    """Yield the plans of all customers: 38 to 42 of them overdue on the last day, none by a week or less."""
    rng = chance(seed, "mix")
    overdue = rng.randint(38, 42)
    talk = [*TALK, *rng.sample(sorted(TALK), rng.randint(1, 3))]
    wanted = [
        *((payer, True) for payer in sorted(talk)),
        *((Payer.KEEPING, late) for late in (True, True, False, False)),
    ]
    for n, (payer, late) in enumerate(wanted):
        plan = _plan(seed, payer, f"{payer}-{n}", overdue=late)
        overdue -= overdue_days(plan[1], LAST) > GRACE
        yield plan
    slow = 0
    while overdue:
        slow += 1
        plan = _plan(seed, Payer.SLOW, f"slow-{slow}")
        overdue -= overdue_days(plan[1], LAST) > GRACE
        yield plan
    for n in range(rng.randint(80, 110)):
        yield _plan(seed, Payer.PROMPT, f"prompt-{n}", overdue=False)


def _plan(seed: int, payer: Payer, name: str, *, overdue: bool | None = None) -> Plan:
    """Draw until the state on the last day is clear, and as asked for."""
    for attempt in range(100):
        rng = chance(seed, "plan", name, attempt)
        who = profile(payer, rng)
        plan = tuple(bills(who, rng))
        days = overdue_days(plan, LAST)
        if (days == 0 or days > GRACE) and overdue in {None, days > GRACE}:
            return who, plan
    raise AssertionError(f"no plan for {name} of seed {seed}")  # each kind has one in a few draws


def _titles(names: dict[str, Any], rng: Random) -> Iterator[tuple[str, str]]:
    """Yield (name, domain) without end and without repetition."""
    firms = [f"{firm} {trade}" for firm in names["firms"] for trade in names["trades"]]
    rng.shuffle(firms)
    for firm in firms:
        yield f"{firm} {rng.choice(names['forms'])}", f"{words.ascii_name(firm)}.example"


def _customer(
    seed: int,
    n: int,
    who: Profile,
    title: tuple[str, str],
    *,
    mixed: bool,
    names: dict[str, Any],
    people: tuple[Person, ...],
) -> Customer:
    rng = chance(seed, "customer", n)
    foreign = n % 11 == 5 and not mixed
    name, domain = title
    if foreign:
        firm = names["foreign"][n // 11 % len(names["foreign"])]
        name, domain = f"{firm} {rng.choice(names['foreign_forms'])}", f"{words.ascii_name(firm)}.example"
    first, last = rng.choice(names["first"]), rng.choice(names["last"])
    return Customer(
        ref=n + 1,
        code=f"120.{'02' if foreign else '01'}.{n + 1:04}",
        crm_id=f"A-{rng.randrange(16**8):08x}",
        name=name,
        tax_id=words.tax_number(rng),
        email=f"{'accounts' if foreign else 'muhasebe'}@{domain}",
        contact=f"{first} {last}",
        contact_email=f"{words.ascii_name(first)}.{words.ascii_name(last)}@{domain}",
        phone=f"+90 2{rng.randint(10, 99)} {rng.randint(200, 899)} {rng.randint(10, 99)} {rng.randint(10, 99)}",
        city=rng.choice(names["cities"]),
        language="en" if foreign else "tr",
        currencies=("TRY", "EUR") if mixed else ("EUR",) if foreign else ("TRY",),
        typical=rng.randint(2, 9) * (1_000 if foreign else 20_000),
        owner=rng.choice(people).id,
        linked_by=rng.choices(("code", "tax_id", "email"), (8, 2, 1))[0],
        profile=who,
    )


def _invoices(seed: int, customers: tuple[Customer, ...], plans: list[Plan]) -> Iterator[Invoice]:
    """Yield all invoices, numbered in order of issue."""
    pairs = [(bill, who) for who, (_, plan) in zip(customers, plans, strict=True) for bill in plan]
    pairs.sort(key=lambda pair: (pair[0].issued, pair[1].ref))
    for ref, (bill, who) in enumerate(pairs, 1):
        rng = chance(seed, "invoice", ref)
        currency = rng.choice(who.currencies)
        base = who.typical / 40 if currency == "EUR" and "TRY" in who.currencies else who.typical
        yield Invoice(
            ref=ref,
            number=f"FTR{bill.issued.year}{ref:06}",
            customer=who,
            issued=bill.issued,
            due=bill.due,
            amount=Decimal(round(base * rng.uniform(40, 180))) / 100,
            currency=currency,
            pays=bill.pays,
            disputed=bill.disputed,
        )
