# ruff: noqa: E501  (each case keeps its texts on one line)
"""Twenty conditions typical of rules, each in FEEL, by hand in Python, and in the peers' own languages.

The hand-written functions do what an engineer would write: Decimals, and None checks where a field can be missing.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D  # noqa: N817  (short, as the conditions are the point)

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
TODAY = NOW.date()
LINES = [
    {"status": "open" if number % 2 else "paid", "amount": D(100 * number) + D("0.5"), "days_late": D(number)}
    for number in range(1, 11)
]
SCOPE = {
    "days_overdue": D(12),
    "amount": D("1250.50"),
    "limit": D(5000),
    "discount": D("0.15"),
    "quantity": D(3),
    "status": "open",
    "risk": "high",
    "country": "TR",
    "email": "anna@example.com",
    "name": "Example GmbH",
    "disputed": False,
    "vip": True,
    "missing": None,
    "due": date(2025, 12, 20),
    "last_contact": datetime(2025, 12, 20, 9, 30, tzinfo=UTC),
    "tags": ["export", "retail"],
    "lines": LINES,
    "customer": {"risk": "high", "balance": D("12000.10"), "segment": "retail", "since": date(2019, 5, 1)},
}


@dataclass(frozen=True)
class Case:
    """One condition; an empty peer text means that language has no way to say it."""

    feel: str
    hand: object
    cel: str = ""
    zen: str = ""
    plain: str = ""


def overdue(s):
    days, risk = s.get("days_overdue"), s.get("risk")
    if days is None:
        return None if risk == "high" else False
    return days > D7 and risk == "high"


D7, D30, D90 = D(7), timedelta(days=30), timedelta(days=90)
D1000, D5000, D3, D1, D100, D500, D10 = D(1000), D(5000), D(3), D(1), D(100), D(500), D(10)
BIG = D(10000)


def number(s, name, test):
    value = s.get(name)
    return None if value is None else test(value)


def within(s):
    amount = s.get("amount")
    return None if amount is None else D1000 <= amount < D5000


def price(s):
    amount, quantity, discount = s.get("amount"), s.get("quantity"), s.get("discount")
    if amount is None or quantity is None or discount is None:
        return None
    return amount * quantity * (D1 - discount)


def under_limit(s):
    amount, limit = s.get("amount"), s.get("limit")
    return None if amount is None or limit is None else amount * 2 + D100 <= limit


def is_open(s):
    return s.get("status") in {"open", "late", "disputed"}


def high_customer(s):
    customer = s.get("customer")
    if customer is None:
        return None
    risk, balance = customer.get("risk"), customer.get("balance")
    if balance is None:
        return None if risk == "high" else False
    return risk == "high" and balance > BIG


def long_due(s):
    due = s.get("due")
    return None if due is None else due < TODAY - D30


def silent(s):
    last = s.get("last_contact")
    return None if last is None else NOW - last > timedelta(days=10)


def old_customer(s):
    customer = s.get("customer")
    since = customer.get("since") if customer is not None else None
    return None if since is None else since.year < 2020


def open_total(s):
    lines = s.get("lines")
    if lines is None:
        return None
    total = None
    for line in lines:
        if line.get("status") == "open":
            amount = line.get("amount")
            if amount is None:
                return None
            total = amount if total is None else total + amount
    return None if total is None else total > D1000


def count_open(s):
    lines = s.get("lines")
    if lines is None:
        return None
    return sum(1 for line in lines if line.get("status") == "open") >= 3


def some_late(s):
    lines = s.get("lines")
    if lines is None:
        return None
    unknown = False
    for line in lines:
        late = line.get("days_late")
        if line.get("status") == "open":
            if late is None:
                unknown = True
            elif late > D7:
                return True
    return None if unknown else False


def every_positive(s):
    lines = s.get("lines")
    if lines is None:
        return None
    unknown = False
    for line in lines:
        amount = line.get("amount")
        if amount is None:
            unknown = True
        elif not amount > 0:
            return False
    return None if unknown else True


def largest(s):
    lines = s.get("lines")
    if not lines:
        return None
    best = None
    for line in lines:
        amount = line.get("amount")
        if amount is None:
            return None
        if best is None or amount > best:
            best = amount
    return best


def size(s):
    amount = s.get("amount")
    if amount is not None and amount > D1000:
        return "large"
    return "medium" if amount is not None and amount > D100 else "small"


def example_mail(s):
    email = s.get("email")
    return None if email is None else email.endswith("@example.com")


def worth_it(s):
    vip, disputed, country = s.get("vip"), s.get("disputed"), s.get("country")
    if vip is False or disputed is True or (country is not None and country == "US"):
        return False
    return None if vip is None or disputed is None else vip and not disputed and country != "US"


def tagged(s):
    tags = s.get("tags")
    return None if tags is None else "export" in tags


def upper_name(s):
    name = s.get("name")
    return None if name is None else name.upper()[:7] == "EXAMPLE"


CASES = [
    Case('days_overdue > 7 and risk = "high"', overdue, 'days_overdue > 7.0 && risk == "high"', 'days_overdue > 7 and risk == "high"', 'days_overdue > 7 and risk = "high"'),
    Case("amount in [1000..5000)", within, "amount >= 1000.0 && amount < 5000.0", "amount in [1000..5000)", "amount >= 1000 and amount < 5000"),
    Case("amount between 1000 and 5000", lambda s: number(s, "amount", lambda v: D1000 <= v <= D5000), "amount >= 1000.0 && amount <= 5000.0", "amount in [1000..5000]", "amount between 1000 and 5000"),
    Case("amount * quantity * (1 - discount)", price, "", "", "amount * quantity * (1 - discount)"),
    Case("amount * 2 + 100 <= limit", under_limit, "amount * 2.0 + 100.0 <= limit", "amount * 2 + 100 <= limit", "amount * 2 + 100 <= limit"),
    Case('status in ("open", "late", "disputed")', is_open, 'status in ["open", "late", "disputed"]', 'status in ["open", "late", "disputed"]', 'status in ("open", "late", "disputed")'),
    Case('customer.risk = "high" and customer.balance > 10000', high_customer, 'customer.risk == "high" && customer.balance > 10000.0', 'customer.risk == "high" and customer.balance > 10000', 'customer.risk = "high" and customer.balance > 10000'),
    Case('due < today() - duration("P30D")', long_due),
    Case('now() - last_contact > duration("P10D")', silent),
    Case("customer.since.year < 2020", old_customer),
    Case('sum(lines[status = "open"].amount) > 1000', open_total, "", 'sum(map(filter(lines, #.status == "open"), #.amount)) > 1000', 'sum(lines[status = "open"].amount) > 1000'),
    Case('count(lines[status = "open"]) >= 3', count_open, 'size(lines.filter(l, l.status == "open")) >= 3', 'len(filter(lines, #.status == "open")) >= 3', 'count(lines[status = "open"]) >= 3'),
    Case('some l in lines satisfies l.status = "open" and l.days_late > 7', some_late, 'lines.exists(l, l.status == "open" && l.days_late > 7.0)', 'some(lines, #.status == "open" and #.days_late > 7)', 'some l in lines satisfies l.status = "open" and l.days_late > 7'),
    Case("every l in lines satisfies l.amount > 0", every_positive, "lines.all(l, l.amount > 0.0)", "all(lines, #.amount > 0)", "every l in lines satisfies l.amount > 0"),
    Case("max(lines.amount)", largest, "", "max(map(lines, #.amount))", "max(lines.amount)"),
    Case('if amount > 1000 then "large" else if amount > 100 then "medium" else "small"', size, 'amount > 1000.0 ? "large" : (amount > 100.0 ? "medium" : "small")', 'amount > 1000 ? "large" : (amount > 100 ? "medium" : "small")', 'if amount > 1000 then "large" else if amount > 100 then "medium" else "small"'),
    Case('ends with(email, "@example.com")', example_mail, 'email.endsWith("@example.com")', 'endsWith(email, "@example.com")', 'ends with(email, "@example.com")'),
    Case('vip and not(disputed) and country != "US"', worth_it, 'vip && !disputed && country != "US"', 'vip and not(disputed) and country != "US"', 'vip and not(disputed) and country != "US"'),
    Case('list contains(tags, "export")', tagged, '"export" in tags', '"export" in tags', 'list contains(tags, "export")'),
    Case('substring(upper case(name), 1, 7) = "EXAMPLE"', upper_name, "", 'upper(name)[0:6] == "EXAMPLE"', 'substring(upper case(name), 1, 7) = "EXAMPLE"'),
]  # fmt: skip
