"""Random values, records and pauses, all from one seed; few of each, so that things meet."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from engine.events import ChangeEvent
from engine.feel import Money

ZONES = ("Europe/Istanbul", "Europe/Berlin", "UTC")
STARTS = ("2026-03-24T09:00", "2026-10-22T09:00", "2026-01-28T22:00", "2024-02-26T06:00")
INSIDE = frozenset({"desk.note"})
"""Operations that nobody outside sees."""

IDS = {
    "group": ["g1", "g2", "g3"], "customer": ["c1", "c2", "c3"], "invoice": ["i1", "i2", "i3", "i4"],
    "payment": ["p1", "p2", "p3"], "reply": ["m1", "m2"], "fx": ["r1", "r2", "r3"],
}  # fmt: skip
SOURCES = ("crm", "erp")
MAIL = "mail"
"""Tells of replies, and is waited for."""


class Dice:
    """One seed's luck: numbers, moments, records, and when they come."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.zone = ZoneInfo(self.random.choice(ZONES))
        self.start = datetime.fromisoformat(self.random.choice(STARTS)).replace(tzinfo=self.zone)

    def pick(self, choices: Any) -> Any:
        return self.random.choice(choices)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def number(self) -> int:
        return self.pick((0, 1, 2, 5, 10))

    def days(self) -> str:
        return f'duration("P{self.pick((1, 2, 3, 5))}D")'

    def span(self) -> str:
        return f'duration("{self.pick(("PT6H", "PT30H", "P1D", "P2D", "P1M"))}")'

    # --- a history ----------------------------------------------------------------------------------------------

    def change(self, now: datetime) -> ChangeEvent:
        type = self.pick(("group", "customer", "customer", "customer", "invoice", "invoice", "invoice", "invoice",
                          "payment", "payment", "reply", "fx"))  # fmt: skip
        id = self.pick(IDS[type])
        source = MAIL if type == "reply" else self.pick(SOURCES) if self.chance(0.2) else SOURCES[0]
        record = f"{source}/{type}/{id}"
        if self.chance(0.12):
            return ChangeEvent(entity=type, id=id, record=record, fields={}, deleted=True)
        fields = {
            name: value for name, value in getattr(self, f"fields_of_{type}")(now).items() if not self.chance(0.08)
        }
        return ChangeEvent(entity=type, id=id, record=record, fields=fields)

    def key(self, type: str) -> str | None:
        if self.chance(0.08):
            return None
        id = self.pick(IDS[type]) if not self.chance(0.06) else "nobody"
        return f"{SOURCES[0]}/{type}/{id}" if self.chance(0.5) else id

    def decimal(self) -> Decimal:
        return Decimal(self.pick((0, 1, 2, 3, 5, 8, 11)))

    def money(self) -> Money:
        return Money(self.decimal(), "EUR" if self.chance(0.1) else "TRY")

    def day(self, now: datetime) -> date:
        return now.date() + timedelta(days=self.pick((-40, -31, -5, -3, -2, -1, 0, 1, 2, 3, 4)))

    def moment(self, now: datetime) -> datetime:
        return now.replace(minute=0) + timedelta(
            hours=self.pick((-72, -30, -6, -1, 0, 5, 25)), minutes=self.pick((0, 30))
        )

    def fields_of_group(self, now: datetime) -> dict[str, Any]:
        del now
        return {"parent": self.key("group") if self.chance(0.6) else None, "label": self.pick(("north", "south"))}

    def fields_of_customer(self, now: datetime) -> dict[str, Any]:
        return {
            "group": self.key("group"), "segment": self.pick(("retail", "key", "other")), "vip": self.chance(0.5),
            "limit": self.decimal(), "credit": self.money(), "contact": self.moment(now), "since": self.day(now),
        }  # fmt: skip

    def fields_of_invoice(self, now: datetime) -> dict[str, Any]:
        return {
            "customer": self.key("customer"), "status": self.pick(("open", "open", "paid", "late")), "amount": self.decimal(),
            "value": self.money(), "due": self.day(now), "seen": self.moment(now), "disputed": self.chance(0.3),
        }  # fmt: skip

    def fields_of_payment(self, now: datetime) -> dict[str, Any]:
        return {
            "customer": self.key("customer"), "invoice": self.key("invoice"), "amount": self.decimal(),
            "paid_on": self.day(now), "at": self.moment(now),
        }  # fmt: skip

    def fields_of_reply(self, now: datetime) -> dict[str, Any]:
        return {"customer": self.key("customer"), "at": self.moment(now)}

    def fields_of_fx(self, now: datetime) -> dict[str, Any]:
        of, to = self.pick((("EUR", "TRY"), ("EUR", "TRY"), ("TRY", "EUR")))
        return {"of": of, "to": to, "day": self.day(now), "mid": Decimal(self.pick((0, 2, 4, 5)))}

    def pause(self) -> timedelta:
        return self.pick(
            (
                timedelta(),
                timedelta(minutes=20),
                timedelta(hours=1),
                timedelta(hours=7),
                timedelta(days=1),
                timedelta(days=2),
            )
        )
