"""What happens in the source systems by itself, in order of time."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain

import msgspec

from api.demo.chance import business_day, chance
from api.demo.changes import Change, moment
from api.demo.company import Company, Customer, Invoice
from api.demo.letters import Writer
from api.demo.payers import DAYS, LAST, START, Payer
from api.demo.rows import DUPLICATE, cancel_row, customer_row, dispute_row, invoice_row, payment_row, unmatched


def script(company: Company) -> tuple[Change, ...]:
    """Return all changes that need no one's doing, oldest first."""
    writer = Writer(company.seed)
    told = chain.from_iterable(
        _told(company, n, who, company.invoices_of(who), writer) for n, who in enumerate(company.customers)
    )
    changes = chain(_ledger(company), _duplicates(company), told, _strangers(company, writer))
    return tuple(sorted(changes, key=lambda change: change.at))


def calls_in_promise(company: Company, who: Customer) -> bool:
    """Whether a breaking payer promises on the telephone, rather than in reply to a reminder."""
    return chance(company.seed, "telephone", who.ref).random() < 1 / 3


def _ledger(company: Company) -> Iterator[Change]:
    """Yield cards, invoices and payments; a few payments come without saying what they are for."""
    yield from map(customer_row, company.customers)
    for invoice in company.invoices:
        yield invoice_row(invoice)
        if not invoice.pays or invoice.pays > LAST:
            continue
        payment = payment_row(invoice, invoice.pays)
        prompt = invoice.customer.profile.payer is Payer.PROMPT and invoice.pays > START
        if prompt and chance(company.seed, "unmatched", invoice.ref).random() < 1 / 50:
            yield from unmatched(payment)
        else:
            yield payment


def _duplicates(company: Company) -> Iterator[Change]:
    """Two invoices are posted twice by mistake, and the copies cancelled when they are ten days over."""
    window = (START, START + timedelta(days=50))
    prompt = [i for i in company.invoices if i.customer.profile.payer is Payer.PROMPT and window[0] < i.due < window[1]]
    for n, invoice in enumerate(chance(company.seed, "duplicates").sample(prompt, 2)):
        copy = msgspec.structs.replace(invoice, ref=DUPLICATE + n, number=f"FTR{invoice.issued.year}{DUPLICATE + n}")
        yield invoice_row(copy)
        yield cancel_row(copy.ref, copy.due + timedelta(days=10))


def _told(company: Company, n: int, who: Customer, invoices: tuple[Invoice, ...], writer: Writer) -> Iterator[Change]:
    """Yield what the customer writes unasked and what its owner notes down."""
    rng = chance(company.seed, "told", n)
    for k in range(rng.randint(0, 3)):
        day = business_day(START + timedelta(days=rng.randint(-60, DAYS - 3)))
        yield writer.note(rng.choice(("visit", "call")), f"N-{n}-{k}", moment(day, 14, rng.randint(0, 59)), who)
    payer = who.profile.payer
    if payer is Payer.SLOW and rng.random() < 1 / 2:
        yield writer.note(
            "slow", f"N-{n}-habit", moment(business_day(START - timedelta(days=rng.randint(2, 90))), 14), who
        )
    if payer in {Payer.PROMPT, Payer.SLOW} and rng.random() < 1 / 8:
        day = business_day(START + timedelta(days=rng.randint(3, DAYS - 5)))
        recent = max((i for i in invoices if i.issued < day), key=lambda i: i.issued)
        yield writer.letter("enquiry", f"L-{n}-enquiry", moment(day, 10, rng.randint(0, 59)), who, invoice=recent)
    yield from _trouble(company, n, who, invoices, writer)


def _trouble(
    company: Company, n: int, who: Customer, invoices: tuple[Invoice, ...], writer: Writer
) -> Iterator[Change]:
    """Yield what is heard of a payer in trouble before anyone asks."""
    turn = who.profile.turn
    if turn is None:
        return
    first = next(i for i in invoices if i.due >= turn)
    rng = chance(company.seed, "trouble", n)
    match who.profile.payer:
        case Payer.DEGRADING:
            yield writer.note("degrading", f"N-{n}-slack", moment(_after(START, rng.randint(30, 50)), 14), who)
        case Payer.BREAKING if calls_in_promise(company, who):
            said = _after(first.due, rng.randint(10, 14))
            yield writer.note("promise", f"N-{n}-promise", moment(said, 14), who, day=_after(said, rng.randint(6, 12)))
        case Payer.DISPUTING if rng.random() < 1 / 2:
            day = _after(first.due, rng.randint(-4, 3))
            yield writer.note("dispute", f"N-{n}-dispute", moment(day, 14), who, invoice=first)
            yield dispute_row(first, _after(day, 1))
        case Payer.DISPUTING:
            day = _after(first.due, rng.randint(-4, 3))
            yield writer.letter("dispute", f"L-{n}-dispute", moment(day, 10, 20), who, invoice=first)
        case _:
            return


def _strangers(company: Company, writer: Writer) -> Iterator[Change]:
    rng = chance(company.seed, "strangers")
    for n in range(3):
        yield writer.stranger(f"L-stranger-{n}", moment(_after(START, rng.randint(2, DAYS - 4)), 9, rng.randint(0, 59)))


def _after(day: date, days: int) -> date:
    return business_day(day + timedelta(days=days))
