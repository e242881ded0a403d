"""The model of payers: what each kind does with a bill, told by nothing but the due date and chance.

| kind | pays | answers a reminder | needs a conversation |
|---|---|---|---|
| prompt | up to six days early; one in eight overlooks one bill for two weeks | "slipped through", pays | no |
| slow | always about the same 10 to 26 days late | sometimes "in our usual run" | no |
| keeping | prompt, until money is short once: then promises a day and pays on it | names a day | no |
| breaking | prompt, until it stops paying; promises a day and does not pay | names a day once, then excuses | yes |
| quiet | prompt, until it stops paying and answering | at most an automatic reply | yes |
| disputing | prompt, but refuses one bill | disputes the bill | yes |
| degrading | a few days late for a year, then 3 days later every week | excuses | yes |
"""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from random import Random

import msgspec

from api.demo.chance import business_day

START = date(2026, 1, 5)
DAYS = 84
LAST = START + timedelta(days=DAYS - 1)
HISTORY = START - timedelta(days=410)
GRACE = 7


class Payer(StrEnum):
    """The true kind of a customer."""

    PROMPT = "prompt"
    SLOW = "slow"
    KEEPING = "keeping"
    BREAKING = "breaking"
    QUIET = "quiet"
    DISPUTING = "disputing"
    DEGRADING = "degrading"


TALK = frozenset({Payer.BREAKING, Payer.QUIET, Payer.DISPUTING, Payer.DEGRADING})


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """How one customer buys and pays.

    `terms`, `cadence` (between bills) and `habit` (usual lateness) are days. From `turn` on the kind shows;
    `relief` is the day on which a keeping payer will have money.
    """

    payer: Payer
    terms: int
    cadence: int
    habit: int
    turn: date | None = None
    relief: date | None = None


class Bill(msgspec.Struct, frozen=True):
    """One bill of a plan; `pays` is when it is paid if nothing else happens, None for not in sight."""

    issued: date
    due: date
    pays: date | None
    disputed: bool = False


def profile(payer: Payer, rng: Random) -> Profile:
    """Draw how a customer of this kind buys and pays."""
    frequent = payer not in {Payer.PROMPT, Payer.SLOW}
    cadence = rng.randint(6, 10) if frequent else rng.randint(9, 26)
    base = Profile(payer=payer, terms=rng.choice((30, 30, 45, 60)), cadence=cadence, habit=rng.randint(-4, 0))
    match payer:
        case Payer.PROMPT if rng.random() < 1 / 8:
            return msgspec.structs.replace(base, turn=_day(rng, 8, 50))
        case Payer.SLOW:
            return msgspec.structs.replace(base, habit=rng.randint(10, 26))
        case Payer.DEGRADING:
            return msgspec.structs.replace(base, habit=rng.randint(0, 4), turn=_day(rng, -24, -14))
        case Payer.QUIET | Payer.BREAKING:
            return msgspec.structs.replace(base, turn=_day(rng, 0, 12))
        case Payer.DISPUTING:
            return msgspec.structs.replace(base, turn=_day(rng, 16, 56))
        case Payer.KEEPING if rng.random() < 1 / 2:
            return msgspec.structs.replace(base, turn=_day(rng, 8, 24))
        case Payer.KEEPING:
            relief = business_day(LAST + timedelta(days=rng.randint(4, 8)))
            return msgspec.structs.replace(base, turn=_day(rng, 54, 62), relief=relief)
        case _:
            return base


def bills(who: Profile, rng: Random) -> Iterator[Bill]:
    """Yield the bills from `HISTORY` to the last day, in order of issue."""
    issued = HISTORY + timedelta(days=rng.randint(0, who.cadence))
    shown = 0
    while issued <= LAST:
        due = issued + timedelta(days=who.terms)
        turned = who.turn is not None and due >= who.turn
        shown += turned
        disputed = turned and shown == 1 and who.payer is Payer.DISPUTING
        yield Bill(issued, due, _pays(who, due, shown, rng), disputed)
        issued = business_day(issued + timedelta(days=max(2, who.cadence + rng.randint(-2, 2))))


def overdue_days(plan: tuple[Bill, ...], day: date) -> int:
    """Return how many days the oldest bill still open at the end of `day` is over, 0 for none."""
    return max((0, *((day - b.due).days for b in plan if b.issued <= day and (b.pays is None or b.pays > day))))


def _pays(who: Profile, due: date, shown: int, rng: Random) -> date | None:
    """Return the day of payment; `shown` counts the bills due since the turn, 0 before it."""
    usual = rng.randint(-2, 2)
    match who.payer:
        case Payer.SLOW:
            return business_day(due + timedelta(days=who.habit + usual))
        case Payer.DEGRADING if shown and who.turn:
            return business_day(due + timedelta(days=who.habit + usual + (due - who.turn).days * 3 // 7))
        case Payer.DEGRADING:
            return business_day(due + timedelta(days=who.habit + usual))
        case Payer.QUIET | Payer.BREAKING if shown:
            return None
        case Payer.DISPUTING if shown == 1:
            return None
        case Payer.KEEPING if shown and who.relief:
            return who.relief
        case Payer.KEEPING if shown == 1:
            return business_day(due + timedelta(days=28))
        case Payer.PROMPT if shown == 1:
            return business_day(due + timedelta(days=14))
        case _:
            return business_day(due + timedelta(days=min(0, who.habit + usual)), earlier=True)


def _day(rng: Random, first: int, last: int) -> date:
    return START + timedelta(days=rng.randint(first, last))
