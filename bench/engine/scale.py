"""How the cost of one event grows: with the entities, with one customer's invoices, with time, chains and joins."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bench.engine.measuring import resident, timed
from engine.events import ChangeEvent
from engine.inference.clock import HeldClock
from engine.inference.rulebook import Rulebook, Settings
from engine.inference.session import Session
from engine.model.structs import EntityType, Field, Model
from engine.rules.structs import ActionSpec, Rule, Ruleset
from engine.source.expression import Expression

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
PROPOSES = (ActionSpec(id="act", operation="desk.note"),)
LEDGER = Model(
    entities={
        "customer": EntityType(
            name="customer",
            fields={
                "name": Field(type="text"),
                "balance": Field(type="number", derived=Expression('sum(invoices[status = "open"].amount)')),
            },
        ),
        "invoice": EntityType(
            name="invoice",
            fields={
                "customer": Field(ref="customer", inverse="invoices"),
                "amount": Field(type="number"),
                "status": Field(type="text"),
            },
        ),
    }
)
OWES = Rule(
    id="owes", for_="customer", do=PROPOSES, existing="propose",
    when=Expression('balance > 10000 and count(invoices[status = "open"]) >= 5'),
)  # fmt: skip


def session(model, *rules):
    """An empty session over rules."""
    book = Rulebook(model, (Ruleset(id="bench", rules=rules),), Settings(leaves_company={"desk.note": False}))
    return Session(book, HeldClock(START))


def invoice(number, customer, amount, status="open"):
    """What the ledger says of an invoice."""
    fields = {"customer": f"c{customer}", "amount": Decimal(amount), "status": status}
    return ChangeEvent(entity="invoice", id=f"i{number}", record=f"erp/invoices/{number}", fields=fields)


def customer(number):
    """What the ledger says of a customer."""
    fields = {"name": f"Customer {number}"}
    return ChangeEvent(entity="customer", id=f"c{number}", record=f"erp/customers/{number}", fields=fields)


def ledger(entities):
    """A session with so many entities, one customer to nine invoices, and the bytes that each takes."""
    told = session(LEDGER, OWES)
    before = resident()
    customers = entities // 10
    for number in range(customers):
        told.apply(customer(number), first_load=True)
    for number in range(entities - customers):
        told.apply(invoice(number, number % customers, number % 900), first_load=True)
    return told, (resident() - before) / entities


def microseconds(told, changes):
    """CPU time of an event, the best of five parts."""
    size = len(changes) // 5
    parts = [changes[start : start + size] for start in range(0, size * 5, size)]
    return round(min(timed(lambda part=part: [told.apply(each) for each in part])[0] / size for part in parts) * 1e6, 1)


def entities(sizes):
    """Microseconds for an invoice that changes its amount, and bytes an entity, by the number of entities."""
    found = {}
    for size in sizes:
        (seconds, (told, bytes_each)), chance = timed(lambda size=size: ledger(size)), random.Random(3)
        numbers = [chance.randrange(size - size // 10) for _ in range(5000)]
        changes = [invoice(number, number % (size // 10), 900 + at % 90) for at, number in enumerate(numbers)]
        row = found[f"{size:,} entities"] = {"µs an event": microseconds(told, changes)}
        row["bytes an entity, all told"] = round(bytes_each)
        row["µs to load one"] = round(seconds / size * 1e6, 1)
        row |= restart(told, size)
    rows = list(found.values())
    found["growth, fewest to most"] = {"µs an event": round(rows[-1]["µs an event"] / rows[0]["µs an event"], 2)}
    return found


def restart(told, size):
    """Seconds to write a snapshot and to go on from it."""
    writing, content = timed(told.snapshot)
    reading, again = timed(lambda: Session.restore(told.rulebook, told.clock, content))
    same = again.snapshot() == content
    return {
        "snapshot, s": round(writing, 2), "restore, s": round(reading, 2), "bytes written an entity":
        round(len(content) / size), "same again": same,
    }  # fmt: skip


def busy_customer(sizes):
    """Microseconds for one more invoice on a customer with so many."""
    found = {}
    for size in sizes:
        told = session(LEDGER, OWES)
        told.apply(customer(0))
        for number in range(size):
            told.apply(invoice(number, 0, number % 900))
        more = [invoice(size + number, 0, 5) for number in range(2000)]
        found[f"{size:,} invoices"] = {"µs for one more": microseconds(told, more)}
    return found


def chain(length, count):
    """Microseconds for an event whose conclusion leads to the next, so many times."""
    fields = {"amount": Field(type="number")}
    fields |= {f"level{step}": Field(type="number", concluded="max") for step in range(length)}
    rules = [
        Rule(
            id=f"r{step}", for_="claim", set={f"level{step}": Expression(f"{before} + 1")},
            when=Expression(f"{before} > 0"),
        )
        for step in range(length)
        for before in ["amount" if step == 0 else f"level{step - 1}"]
    ]  # fmt: skip
    told = session(Model(entities={"claim": EntityType(name="claim", fields=fields)}), *rules)
    changes = [
        ChangeEvent(entity="claim", id="c", record="desk/c", fields={"amount": Decimal(1 + number)})
        for number in range(count)
    ]
    spent = microseconds(told, changes)
    assert told.entity("claim:c").values[f"level{length - 1}"] == count + length
    return {f"{length} conclusions": {"µs an event": spent, "µs a conclusion": round(spent / length, 2)}}


def window(payments, customers=1000):
    """A sum over the last 90 days, kept for each customer while payments come and go."""
    model = Model(
        entities={
            "customer": EntityType(name="customer", fields={"name": Field(type="text")}),
            "payment": EntityType(
                name="payment",
                fields={
                    "customer": Field(ref="customer", inverse="payments"),
                    "amount": Field(type="number"),
                    "paid_on": Field(type="date"),
                },
            ),
        }
    )
    paid = 'payments[paid_on >= today() - duration("P90D")]'
    told = session(
        model, Rule(id="good", for_="customer", do=PROPOSES, when=Expression(f"sum({paid}.amount) > 1000000"))
    )
    for number in range(customers):
        told.apply(customer(number))
    first = date(2025, 10, 10)
    changes = [
        ChangeEvent(
            entity="payment", id=f"p{number}", record=f"bank/{number}",
            fields={"customer": f"c{number % customers}", "amount": Decimal(number % 500),
                    "paid_on": first + timedelta(days=number % 88)},
        )
        for number in range(payments)
    ]  # fmt: skip
    loading, _ = timed(lambda: [told.apply(each) for each in changes])
    passing, _ = timed(lambda: told.advance(START + timedelta(days=30)))
    left = {number for number in range(payments) if first + timedelta(days=number % 88) < date(2025, 11, 6)}
    total = told.value("customer:c0", f"sum({paid}.amount)")
    assert total == sum(n % 500 for n in range(0, payments, customers) if n not in left)
    return {
        f"{payments:,} payments": {
            "µs a payment": round(loading / payments * 1e6, 1),
            "µs for each that leaves the window": round(passing / max(1, len(left)) * 1e6, 1),
            "bytes in all, MB": round(resident() / 1e6),
        }
    }


def join(lines, invoices):
    """Bank lines against open invoices: the amount equal, the number in the text, the date near."""
    where = """
        item.amount = amount and item.status = "open" and contains(text, item.number)
        and booked_on >= item.issued_on and booked_on <= item.issued_on + duration("P60D")
    """
    model = Model(
        entities={
            "bank_line": EntityType(
                name="bank_line",
                fields={
                    "amount": Field(type="number"),
                    "text": Field(type="text"),
                    "booked_on": Field(type="date"),
                    "candidates": Field(match="invoice", inverse="bank_lines", where=Expression(where)),
                },
            ),
            "invoice": EntityType(
                name="invoice",
                fields={
                    "number": Field(type="text"),
                    "amount": Field(type="number"),
                    "status": Field(type="text"),
                    "issued_on": Field(type="date"),
                },
            ),
        }
    )
    told = session(model, Rule(id="paid", for_="bank_line", do=PROPOSES, when=Expression("count(candidates) = 1")))
    chance, issued = random.Random(4), date(2025, 12, 1)
    amounts = [Decimal(chance.randrange(100, 200_000)) / 100 for _ in range(invoices)]
    for number, amount in enumerate(amounts):
        fields = {"number": f"A-{number:05}", "amount": amount, "status": "open", "issued_on": issued}
        told.apply(ChangeEvent(entity="invoice", id=f"i{number}", record=f"erp/{number}", fields=fields))
    changes = []
    for number in range(lines):
        meant = chance.randrange(invoices)
        text = f"payment A-{meant:05}, thanks" if number % 3 else "payment"
        fields = {"amount": amounts[meant], "text": text, "booked_on": issued + timedelta(days=number % 50)}
        changes.append(ChangeEvent(entity="bank_line", id=f"b{number}", record=f"bank/{number}", fields=fields))
    seconds, decisions = timed(lambda: sum(len(told.apply(each)) for each in changes))
    assert decisions == sum(1 for number in range(lines) if number % 3)
    return {
        f"{lines:,} lines, {invoices:,} invoices": {
            "µs a line": round(seconds / lines * 1e6, 1), "seconds": round(seconds, 2), "proposals": decisions,
        }
    }  # fmt: skip
