"""A long history through the engine in a process of its own, which may be killed and started again.

`python long_run.py FOLDER EVENTS ALTERED`: decisions go to FOLDER/decisions, and now and then a snapshot beside them. A
process that finds a snapshot goes on from there: it drops what was decided after it, and takes the inputs again.
"""

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from engine.canonical import canonical_json
from engine.events import ActionChange, ChangeEvent
from engine.inference.clock import HeldClock
from engine.inference.session import Session
from tests.engine.inference.told import START, concludes, rule, rulebook

RULES = (
    rule("overdue", "invoice", "overdue > 5", operation="mail.send", repeat="P7D")
    + rule("large", "invoice", 'status = "open" and amount > 900 and customer.risk = "high"')
    + rule("silent", "customer", 'vip and count(payments[paid_on >= today() - duration("P20D")]) = 0', rearm="P2D")
    + concludes("risky", "customer", "count(invoices[open]) > 3 and not(vip)", "risk", '"high"')
)
EVERY = 5_000


class Mark(msgspec.Struct):
    """How far a run had come when it kept a snapshot."""

    events: int
    written: int
    session: bytes


def inputs(number: int, altered: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield what is told, one input a minute: the type, the id and the fields; one of them another if asked."""
    luck = Random(7)
    for at in range(number):
        type = luck.choice(("invoice", "invoice", "invoice", "payment", "customer"))
        id = f"{type[0]}{luck.randrange(500 if type == 'customer' else 3000)}"
        fields = told(type, (START + timedelta(minutes=at)).date(), luck)
        if at == altered:
            type, id = "invoice", "other"
            fields = {"customer": "c1", "status": "open", "due": START.date() - timedelta(days=30)}
        yield type, id, fields


def told(type: str, day: date, luck: Random) -> dict[str, Any]:
    if type == "customer":
        return {"vip": luck.random() < 0.2, "segment": luck.choice(("retail", "key"))}
    customer = f"c{luck.randrange(500)}"
    if type == "payment":
        return {"customer": customer, "paid_on": day, "amount": Decimal(5)}
    status, amount = luck.choice(("open", "open", "paid")), Decimal(luck.randrange(1000))
    return {
        "customer": customer,
        "status": status,
        "amount": amount,
        "due": day - timedelta(days=luck.randrange(-5, 9)),
    }


def main(folder: Path, number: int, altered: int) -> None:
    clock = HeldClock(START)
    book = rulebook(RULES)
    out, kept = folder / "decisions", folder / "snapshot"
    mark = msgspec.msgpack.decode(kept.read_bytes(), type=Mark) if kept.exists() else None
    session = Session(book, clock) if mark is None else Session.restore(book, clock, mark.session)
    with out.open("r+b" if mark else "wb") as file:
        file.truncate(mark.written if mark else 0)
        file.seek(0, 2)
        for at, (type, id, fields) in enumerate(inputs(number, altered)):
            if at < (mark.events if mark else 0):
                continue
            clock.set(START + timedelta(minutes=at))
            made = session.apply(ChangeEvent(entity=type, id=id, record=f"erp/{type}/{id}", fields=fields))
            if at % 20 == 0 and (live := sorted(session.activations.live)):
                made += session.apply(ActionChange(live[at % len(live)], "sent", clock.now(), "ayse"))
            for each in made:
                file.write(canonical_json(each) + b"\n")
            if (at + 1) % EVERY == 0:
                file.flush()
                fresh = kept.with_suffix(".new")
                fresh.write_bytes(msgspec.msgpack.encode(Mark(at + 1, file.tell(), session.snapshot())))
                fresh.rename(kept)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
