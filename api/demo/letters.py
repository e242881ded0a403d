"""What customers and staff write, from the templates in data/letters.yaml."""

from datetime import date, datetime
from typing import Any

from api.demo import words
from api.demo.chance import chance
from api.demo.changes import FieldNote, Letter
from api.demo.company import Customer, Invoice


class Writer:
    """Writes letters and notes; the words are a function of seed and id alone."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._words: dict[str, Any] = words.load("letters")

    def letter(
        self,
        kind: str,
        id: str,
        at: datetime,
        who: Customer,
        *,
        invoice: Invoice | None = None,
        day: date | None = None,
        answers: tuple[str, str, str] | None = None,
    ) -> Letter:
        """Return a letter of this kind; `answers` is (message id, subject, text) of the mail replied to."""
        rng = chance(self._seed, "letter", id)
        slots = {
            "invoice": invoice.number if invoice else "",
            "date": words.written_day(day, who.language, self._words["months"], rng) if day else "",
            "name": who.contact,
        }
        text = rng.choice(self._words[kind][who.language]).format(**slots)
        if answers:
            message_id, subject, quoted = answers
            subject = subject if subject.startswith("Re: ") else f"Re: {subject}"
            text += "\n\n" + "".join(f"> {line}\n" for line in quoted.splitlines())
        else:
            message_id, subject = "", self._words["subject"][kind][who.language].format(**slots)
        sender = who.contact_email if rng.random() < 2 / 3 else who.email
        return Letter(
            at=at,
            id=id,
            sender=sender,
            name=who.contact,
            subject=subject,
            text=text,
            in_reply_to=message_id,
            automatic=kind == "away",
        )

    def stranger(self, id: str, at: datetime) -> Letter:
        """Return a letter from someone the company does not know."""
        text = self._words["stranger"]
        return Letter(at=at, id=id, sender=f"sales{id}@steel-offers.example", name="Sales", subject="Offer", text=text)

    def note(
        self,
        kind: str,
        id: str,
        at: datetime,
        who: Customer,
        *,
        invoice: Invoice | None = None,
        day: date | None = None,
    ) -> FieldNote:
        """Return a field note about the customer by its owner."""
        slots = {"invoice": invoice.number if invoice else "", "date": f"{day:%d.%m.%Y}" if day else ""}
        return FieldNote(
            at=at,
            id=id,
            account=who.crm_id,
            author=who.owner,
            kind=kind if kind in {"visit", "promise", "dispute"} else "call",  # type: ignore[arg-type]  # narrowed
            text=self._words["notes"][kind].format(**slots),
            promised_on=day,
            invoice=invoice.number if invoice else None,
        )
