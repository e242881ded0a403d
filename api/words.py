"""Values and proofs in plain sentences, for the web page, the command line and mails."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec

from api.render import plain
from api.speech.catalogue import catalogue
from api.speech.numbers import Forms
from api.speech.told import model_names, teller
from approvals.reading.questions import is_question
from engine.events import Proof, Source
from engine.feel import Money
from engine.source.problem import Problem

_DAY, _HOUR = 86400, 3600
_ISO_DAY = re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])")


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
    record: str = ""


class Words:
    """Speaks one language, with the company's time zone and with names for subjects it was told."""

    def __init__(
        self,
        timezone: str,
        names: Mapping[str, str] | None = None,
        language: str = "en",
        called: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.say = catalogue(language)
        self._teller = teller(self.say.language)
        self.forms = Forms(self.say.locale, timezone)
        self._names = names or {}
        self._timezone, self._all_called = timezone, called or {}
        self._called = self._all_called.get(self.say.language, {})
        self._model_names = model_names(self.say.language)

    def told(self, text: str, *, ours: bool = False) -> str:
        """Return a finished English sentence of ours in this language, others as they are; see api.speech.told."""
        return self._teller(text, ours=ours, names=self._called)

    def moment(self, at: datetime | None) -> str:
        """`27 Mar 2026, 11:00` in the company's zone."""
        return self.forms.moment(at) if at else self.say("never")

    def day(self, day: date) -> str:
        """`27 March 2026`."""
        return self.forms.day(day)

    def weekday(self, at: datetime) -> str:
        """`Friday, 27 March 2026` in the company's zone."""
        return self.forms.weekday(at)

    def money(self, amount: Decimal, currency: str) -> str:
        """`184,250.00 TRY`."""
        return self.forms.money(amount, currency)

    def number(self, value: Decimal | float) -> str:
        """`1,250` or `12.5`: rounded to two places, without zeros at the end."""
        return self.forms.number(value)

    def age(self, span: timedelta | None) -> str:
        """`3 minutes`, `2 days`: the largest unit alone."""
        seconds, many = int(span.total_seconds()) if span is not None else 0, self.say.many
        if seconds >= _DAY:
            return many("{count} day", "{count} days", seconds // _DAY)
        if seconds >= _HOUR:
            return many("{count} hour", "{count} hours", seconds // _HOUR)
        return many("{count} minute", "{count} minutes", seconds // 60) if seconds >= 60 else self.say("moments")

    def ago(self, at: datetime, now: datetime) -> str:
        """`3 minutes ago`."""
        return self.say("{age} ago", age=self.age(now - at))

    def value(self, value: object) -> str:
        """Return a FEEL value as people write it."""
        if value is None:
            return self.say("nothing")
        if isinstance(value, bool):
            return self.say("yes") if value else self.say("no")
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
        if isinstance(value, str) and (value in self._names or value in self._called):
            return self._names.get(value) or self._called[value]
        if isinstance(value, Money):
            return self.money(value.amount, value.currency)
        if isinstance(value, list | tuple):
            return ", ".join(self.value(item) for item in value) or self.say("none")
        if isinstance(value, Mapping) and value.keys() == {"amount", "currency"}:
            return self.money(Decimal(str(value["amount"])), str(value["currency"]))
        if isinstance(value, Mapping):
            return "; ".join(f"{self.label(str(key))}: {self.value(item)}" for key, item in value.items())
        return str(plain(value))

    def about(self, names: Mapping[str, str]) -> "Words":
        """Return the same words with names for these subjects."""
        return Words(self._timezone, names, self.say.language, self._all_called)

    def label(self, name: str) -> str:
        """Return what a field, a rule or a workflow is called in this language: by the company, by us, or its name."""
        return self._called.get(name) or self._model_names.get(name) or self.say(label(name))

    def several(self, text: str) -> str:
        """Return values that stand in one text, joined by commas, each as the company calls it in this language."""
        return ", ".join(self._called.get(each, each) for each in text.split(", "))

    def because(self, operation: str, text: str) -> str:
        """Return why an action is there: a rule's own words, or those of a question, which are ours."""
        return self.told(text) if is_question(operation) else self.reason(text)

    def problem(self, problem: Problem) -> str:
        """Return what is wrong and what to do, as sentences."""
        return " ".join(self.sentence(each) for each in (problem.message, problem.hint) if each)

    def sentence(self, text: str) -> str:
        """Return what other parts say, told anew, as a sentence."""
        return f"{self.capital(self.told(text).removesuffix('.'))}."

    def capital(self, text: str) -> str:
        """Return a text with its first letter a capital: in Turkish that of i has its dot."""
        first = "İ" if text.startswith("i") and self.say.language == "tr" else text[:1].upper()
        return f"{first}{text[1:]}"

    def reason(self, text: str) -> str:
        """Return a rule's reason with its days as people write them."""
        return _ISO_DAY.sub(lambda found: self._day_in(found[0]), text)

    def _day_in(self, text: str) -> str:
        try:
            return self.day(date.fromisoformat(text))
        except ValueError:
            return text

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
            record=proof.source.record if proof.source else "",
        )

    def _sentence(self, proof: Proof) -> str:
        subject, dot, field = proof.path.rpartition(".")
        value, say = self.value(proof.value), self.say
        if proof.kind in ("action", "rule"):
            return self._rule(proof)
        if proof.kind == "time":
            return say("It is {value}.", value=value)
        if proof.kind == "item":
            whole = (
                say("{value} {field} in all.", value=value, field=self.label(field)) if dot and proof.omitted else ""
            )
            return whole or f"{self._kind(proof)} {value}:"
        if proof.kind == "aggregate" or ": " in proof.path:
            about = self.subject(proof.path.partition(": ")[0])
            return say("For {subject} this gives {value}:", subject=about, value=value)
        if not dot:
            return say("{field} is {value}.", field=self.label(proof.path), value=value)
        about = self.subject(subject)
        return say(
            "{field} of {subject} is {value}.", field=self.capital(self.label(field)), subject=about, value=value
        )

    def _rule(self, proof: Proof) -> str:
        named = {"rule": self.label(proof.rule.rpartition("/")[2]), "subject": self.subject(proof.path)}
        if proof.value is True:
            return self.say("The rule “{rule}” holds for {subject}.", **named)
        if proof.value is False:
            return self.say("The rule “{rule}” does not hold for {subject}.", **named)
        return self.say("The rule “{rule}” cannot be told for {subject}.", **named)

    def _kind(self, proof: Proof) -> str:
        return self.capital(self.label(proof.path.partition(":")[0]))

    def _source(self, source: Source) -> str:
        system, _, place = source.record.partition("/")
        parts = [f"{system} {place}".strip()]
        if source.version:
            parts.append(self.say("version {version}", version=source.version))
        if source.valid_at:
            parts.append(self.say("since {moment}", moment=self.moment(source.valid_at)))
        return ", ".join(parts)

    def operation(self, name: str) -> str:
        """`crm.create_task` as `Create task in crm`, `mail.send` as `Send mail`."""
        if is_question(name):
            return self.say("Say what a text says")
        system, _, verb = name.rpartition(".")
        told = label(verb).capitalize()
        if not system:
            return self.say(told)
        if "_" in verb:
            return self.say("{verb} in {system}", verb=self.say(told), system=system)
        return self.say(f"{told} {system}")


def _direct(proof: Proof) -> Proof:
    """Leave out a step that only repeats its field: a derived field that is one aggregate."""
    only = proof.reasons[0] if len(proof.reasons) == 1 else None
    if proof.kind == "derived" and only is not None and only.kind == "aggregate" and only.text == proof.text:
        return msgspec.structs.replace(proof, reasons=only.reasons, omitted=only.omitted)
    return proof


def label(name: str) -> str:
    """`days_overdue` as `days overdue`."""
    return name.replace("_", " ").strip()
