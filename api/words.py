"""Values and proofs in plain English sentences, for the web page, the command line and mails."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from api.render import plain
from engine.events import Proof, Source
from engine.feel import Money


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence of a reason, its FEEL, where it is known from and since when, and what it rests on."""

    text: str
    kind: str
    code: str = ""
    source: str = ""
    reasons: tuple["Told", ...] = ()
    omitted: int = 0
    known_at: datetime | None = None


class Words:
    """Speaks with the company's time zone and with names for subjects it was told."""

    def __init__(self, timezone: str, names: Mapping[str, str] | None = None) -> None:
        self._zone = ZoneInfo(timezone)
        self._names = names or {}

    def moment(self, at: datetime | None) -> str:
        """`27 Mar 2026, 11:00` in the company's zone."""
        return f"{at.astimezone(self._zone):%-d %b %Y, %H:%M}" if at else "never"

    def day(self, day: date) -> str:
        """`27 March 2026`."""
        return f"{day:%-d %B %Y}"

    def weekday(self, at: datetime) -> str:
        """`Friday, 27 March 2026` in the company's zone."""
        return f"{at.astimezone(self._zone):%A, %-d %B %Y}"

    def money(self, amount: Decimal, currency: str) -> str:
        """`184,250.00 TRY`."""
        return f"{amount:,.2f} {currency}"

    def number(self, value: Decimal | float) -> str:
        """`1,250` or `12.5`: rounded to two places, without zeros at the end."""
        text = f"{value:,.2f}"
        return text.rstrip("0").rstrip(".")

    def age(self, span: timedelta | None) -> str:
        """`3 minutes`, `2 days`: the largest unit alone."""
        seconds = int(span.total_seconds()) if span is not None else 0
        for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
            if seconds >= size:
                return f"{seconds // size} {unit}{'s' if seconds >= 2 * size else ''}"
        return "moments"

    def value(self, value: object) -> str:
        """Return a FEEL value as people write it."""
        if value is None:
            return "nothing"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, Decimal | int | float):
            return self.number(value)
        if isinstance(value, timedelta):
            return self.age(value)
        return self._other(value)

    def _other(self, value: object) -> str:
        if isinstance(value, Money):
            return self.money(value.amount, value.currency)
        if isinstance(value, list | tuple):
            return ", ".join(self.value(item) for item in value) or "none"
        if isinstance(value, Mapping) and value.keys() == {"amount", "currency"}:
            return self.money(Decimal(str(value["amount"])), str(value["currency"]))
        if isinstance(value, Mapping):
            return "; ".join(f"{label(str(key))}: {self.value(item)}" for key, item in value.items())
        return str(plain(value))

    def subject(self, subject: str) -> str:
        """`Acme` when its name is known, else `customer C1`."""
        return self._names.get(subject) or subject.replace(":", " ", 1)

    def proof(self, proof: Proof) -> Told:
        """Return a proof tree as sentences."""
        proof = _direct(proof)
        return Told(
            text=self._sentence(proof).replace("..", "."),
            kind=proof.kind,
            code="" if proof.kind in ("field", "concluded") else proof.text,
            source=self._source(proof.source) if proof.source else "",
            reasons=tuple(self.proof(each) for each in proof.reasons),
            omitted=proof.omitted,
            known_at=(proof.source.valid_at or proof.source.recorded_at) if proof.source else None,
        )

    def _sentence(self, proof: Proof) -> str:
        subject, dot, field = proof.path.rpartition(".")
        value = self.value(proof.value)
        if proof.kind in ("action", "rule"):
            held = {True: "holds", False: "does not hold"}.get(proof.value, "cannot be told")
            return f"The rule “{label(proof.rule.rpartition('/')[2])}” {held} for {self.subject(proof.path)}."
        if proof.kind == "time":
            return f"It is {value}."
        if proof.kind == "item":
            return f"{value} {label(field)} in all." if dot and proof.omitted else f"{self._kind(proof)} {value}:"
        if proof.kind == "aggregate" or ": " in proof.path:
            return f"For {self.subject(proof.path.partition(': ')[0])} this gives {value}:"
        return f"{_first(label(field))} of {self.subject(subject)} is {value}." if dot else f"{proof.path} is {value}."

    def _kind(self, proof: Proof) -> str:
        return _first(label(proof.path.partition(":")[0]))

    def _source(self, source: Source) -> str:
        system, _, place = source.record.partition("/")
        parts = [f"{system} {place}".strip()]
        if source.version:
            parts.append(f"version {source.version}")
        if source.valid_at:
            parts.append(f"since {self.moment(source.valid_at)}")
        return ", ".join(parts)


def _direct(proof: Proof) -> Proof:
    """Leave out a step that only repeats its field: a derived field that is one aggregate."""
    only = proof.reasons[0] if len(proof.reasons) == 1 else None
    if proof.kind == "derived" and only is not None and only.kind == "aggregate" and only.text == proof.text:
        return msgspec.structs.replace(proof, reasons=only.reasons, omitted=only.omitted)
    return proof


def label(name: str) -> str:
    """`days_overdue` as `days overdue`."""
    return name.replace("_", " ").strip()


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]


def operation(name: str) -> str:
    """`crm.create_task` as `Create task in crm`, `mail.send` as `Send mail`."""
    system, _, verb = name.rpartition(".")
    said = label(verb).capitalize()
    if not system:
        return said
    return f"{said} in {system}" if "_" in verb else f"{said} {system}"
