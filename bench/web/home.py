"""The sample company grown large: thousands of letters that wait for a word, over a long journal.

Its ERP holds the customers with what they paid and still owe, and is read, mapped and decided upon as ever. What fills
the rest of the journal are remarks of people: they cost the engine nothing, and every search has to go past them.
"""

import os
import secrets
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from api.bootstrap import open_layer
from api.clock import SimulatedClock
from api.demo import erp, words
from api.demo.changes import ZONE, ErpRow, moment, utc_text
from api.demo.crm_store import CrmStore
from api.demo.rows import TL
from api.demo.start import start
from api.shipped import copy_home
from engine.ports import Entry

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=ZONE)
PAID = 3
NAMES = words.load("names")
ADMIN, OPERATOR = "elif", "ayse"
SYLLABLES = (
    "an", "ba", "cem", "de", "el", "fa", "ha", "ir", "ka", "lal", "me", "nur", "ok", "pa", "ra", "sel", "ta", "ur",
    "ya", "zey", "kor", "bey",
)  # fmt: skip
REMARKS = (
    "Called about the open invoice; they promised to pay next week.",
    "Sözleşme yenilendi, ödeme vadesi otuz gün kaldı.",  # noqa: RUF001  (Turkish)
    "Asked for the delivery note of the last shipment, sent it by mail.",
    "Yeni şantiye için teklif istediler, fiyat listesi gönderildi.",
    "Visited the warehouse; the cement was fine, two pallets were short.",
    "Muhasebe müdürü değişti, mutabakat mektubu yeniden gönderilecek.",
)


@asynccontextmanager
async def systems(folder):
    """The company's ERP, CRM and mail server, running; what a home has to know of them is in the environment."""
    out, home = folder / "systems", folder / "home"
    if not out.is_dir():
        out.mkdir()
        copy_home(home)
        _people(CrmStore(out / "crm.db"))
    running = await start(out, secrets.token_urlsafe(16))
    os.environ.update(running.environment)
    try:
        yield out, home
    finally:
        await running.stop()


async def fill(out, home, waiting, entries):
    """Let so many letters wait and the journal have so many entries; return how the work went."""
    books(out, waiting)
    clock = SimulatedClock(NOW - timedelta(hours=1))
    async with open_layer(home, clock) as layer:
        await layer.sync()
        await layer.run_to(clock, NOW)
        await layer.sync()  # what is missing counts only when every source has told beyond it
        await layer.rest()
        lines = [each for each in await layer.lines() if each.state == "pending"]
        assert len(lines) == waiting, len(lines)
        await remarks(layer, [each.subject for each in lines], entries)
        while await layer.index():
            pass
        return await layer.head()


def _people(crm):
    """Let the CRM know its staff and nobody's account: then letters are all that is proposed."""
    at = utc_text(NOW - timedelta(days=400))
    crm.set_now(NOW)
    crm.add_all("owners", {each["id"]: {"name": each["name"], "email": each["email"]} for each in NAMES["people"]}, at)
    crm.close()


def books(out, customers):
    """Write the ERP: each customer paid a few invoices, more or less late, and owes the last one."""
    random, engine = Random(7), erp.connect(f"sqlite:///{out / 'erp.db'}")
    rows = [row for number in range(1, customers + 1) for row in _account(number, random)]
    with engine.begin() as connection:
        erp.apply(connection, rows, NOW)
    engine.dispose()


def word(random):
    """A word that few others are like."""
    return "".join(random.choice(SYLLABLES) for _ in range(3)).capitalize()


def _account(number, random):
    card = {
        "ACTIVE": 0, "CODE": f"120.{number:06}", "DEFINITION_": f"{word(random)} {word(random)} Yapı A.Ş.",  # noqa: RUF001  (Turkish)
        "TAXNR": f"{number:010}", "EMAILADDR": f"c{number}@customers.example", "CITY": "İzmir", "CCURRENCY": TL,
        "RISKLIMIT": 500_000.0,
    }  # fmt: skip
    yield ErpRow(at=moment(date(2024, 12, 1), 8), table="LG_001_CLCARD", ref=number, values=card)
    for place in range(PAID + 1):
        ref = number * 10 + place
        due = TODAY - timedelta(days=random.randint(12, 20) if place == PAID else random.randint(30, 400))
        amount = float(round(Decimal(random.randint(10_000, 9_000_000)) / 100, 2))
        own = {"CLIENTREF": number, "TRCURR": TL, "TRNET": amount, "CANCELLED": 0}
        bill = own | {
            "FICHENO": f"FTR{ref:08}", "TRCODE": 8, "DATE_": due - timedelta(days=30), "DUEDATE": due,
            "NETTOTAL": amount, "SPECODE": "",
        }  # fmt: skip
        yield ErpRow(at=moment(bill["DATE_"], 10), table="LG_001_01_INVOICE", ref=ref, values=bill)
        if place < PAID:
            day = due + timedelta(days=random.randint(-2, 6))
            paid = own | {"DATE_": day, "MODULENR": 7, "SIGN": 1, "AMOUNT": amount, "INVOICEREF": ref, "LINEEXP": ""}
            yield ErpRow(at=moment(day, 15), table="LG_001_01_CLFLINE", ref=ref, values=paid)


async def remarks(layer, subjects, entries):
    """Append what people remarked until the journal is that long."""
    random, store = Random(11), layer.parts.store
    left = entries - await layer.head()
    while left > 0:
        async with store.transaction() as tx:
            for _ in range(min(left, 5000)):
                at = NOW - timedelta(minutes=random.randint(1, 500_000))
                body = {"text": f"{random.choice(REMARKS)} {word(random)}."}
                entry = Entry(
                    kind="note", recorded_at=at, actor=OPERATOR, subjects=(random.choice(subjects),), body=body
                )
                await tx.append(entry)
        left -= 5000
