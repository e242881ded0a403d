"""How customers answer a reminder: a function of the company and of the mails that reached the customer."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random

import msgspec

from api.demo.chance import business_day, chance
from api.demo.changes import Change, moment
from api.demo.company import Company, Customer, Invoice
from api.demo.letters import Writer
from api.demo.payers import LAST, Payer
from api.demo.rows import payment_row
from api.demo.script import calls_in_promise


class Delivered(msgspec.Struct, frozen=True, order=True):
    """A mail in a customer's mailbox; `at` is the world's time of delivery."""

    at: datetime
    message_id: str
    to: str
    subject: str
    text: str

    @property
    def id(self) -> str:
        """The message id without its brackets."""
        return self.message_id.strip("<>")


class Reactions:
    """Answers to mails. The same mails give the same answers, whenever and however often one asks."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._writer = Writer(company.seed)
        self._customers = {a: who for who in company.customers for a in (who.email, who.contact_email)}
        self._invoices: dict[int, list[Invoice]] = {}
        for invoice in company.invoices:
            self._invoices.setdefault(invoice.customer.ref, []).append(invoice)

    def to(self, mails: Sequence[Delivered]) -> Iterator[Change]:
        """Yield all that follows from these mails."""
        boxes: dict[int, list[Delivered]] = {}
        for mail in sorted(mails):
            if who := self._customers.get(mail.to):
                boxes.setdefault(who.ref, []).append(mail)
        for ref, box in boxes.items():
            for nth, mail in enumerate(box):
                yield from self._answer(self._company.customers[ref - 1], mail, nth)

    def _answer(self, who: Customer, mail: Delivered, nth: int) -> Iterator[Change]:
        day = mail.at.date()
        over = [i for i in self._invoices[who.ref] if i.due < day and (i.pays is None or i.pays > day)]
        if not over:
            return
        rng = chance(self._company.seed, "answer", who.ref, day)
        reply = moment(business_day(day + timedelta(days=rng.randint(1, 2))), 9, rng.randint(5, 55))
        match who.profile.payer:
            case Payer.PROMPT:
                yield self._reply("overlooked", who, mail, reply)
                yield from _payments(over, reply.date())
            case Payer.SLOW if rng.random() < 0.4:
                yield self._reply("habit", who, mail, reply)
            case Payer.DEGRADING if rng.random() < 0.7:
                yield self._reply("excuse", who, mail, reply)
            case Payer.QUIET if nth == 0 and rng.random() < 0.5:
                yield self._reply("away", who, mail, mail.at + timedelta(minutes=20))
            case Payer.KEEPING if nth == 0:
                kept = who.profile.relief or business_day(reply.date() + timedelta(days=rng.randint(6, 9)))
                yield self._reply("promise", who, mail, reply, invoice=over[0], day=kept)
                yield from _payments(over, kept)
            case Payer.BREAKING:
                yield from self._broken(who, mail, nth, reply, over[0], rng)
            case Payer.DISPUTING:
                refused = next((i for i in over if i.disputed), over[0])
                yield self._reply("dispute", who, mail, reply, invoice=refused)
            case _:
                return

    def _broken(
        self, who: Customer, mail: Delivered, nth: int, reply: datetime, invoice: Invoice, rng: Random
    ) -> Iterator[Change]:
        """Yield a promise the first time (unless it was made on the telephone), an excuse the second, then nothing."""
        if nth == 0 and not calls_in_promise(self._company, who):
            day = business_day(reply.date() + timedelta(days=rng.randint(6, 11)))
            yield self._reply("promise", who, mail, reply, invoice=invoice, day=day)
        elif nth == 1:
            yield self._reply("excuse", who, mail, reply)

    def _reply(
        self,
        kind: str,
        who: Customer,
        mail: Delivered,
        at: datetime,
        *,
        invoice: Invoice | None = None,
        day: date | None = None,
    ) -> Change:
        id = f"R-{who.ref}-{mail.at:%Y%m%d}-{kind}"
        answers = (mail.message_id, mail.subject, mail.text)
        return self._writer.letter(kind, id, at, who, invoice=invoice, day=day, answers=answers)


def _payments(invoices: Sequence[Invoice], day: date) -> Iterator[Change]:
    """Yield the payments that come early because of the mail; a later one by the script then changes nothing."""
    return (payment_row(i, day) for i in invoices if day <= LAST and (i.pays is None or day < i.pays))
