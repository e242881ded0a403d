"""opslayer on the workload: as proposals with their proofs, and as conclusions with their reasons kept."""

from datetime import UTC, datetime
from decimal import Decimal

from engine.events import ChangeEvent
from engine.inference.clock import HeldClock
from engine.inference.rulebook import Rulebook, Settings
from engine.inference.session import Session
from engine.model.structs import EntityType, Field, Model
from engine.rules.structs import ActionSpec, Rule, Ruleset
from engine.source.expression import Expression

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
FIELDS = {
    "group": Field(type="text"),
    "amount": Field(type="number"),
    "days": Field(type="number"),
    "matched": Field(type="text", concluded="collect"),
}
MODEL = Model(entities={"payment": EntityType(name="payment", fields=FIELDS)})
PROPOSES = (ActionSpec(id="act", operation="desk.note"),)
SETTINGS = Settings(leaves_company={"desk.note": False})


def written(band):
    """The condition as an analyst writes it."""
    return (
        f'group = "{band.group}" and amount >= {band.low} and amount <= {band.high}'
        f" and days in [{band.first}..{band.last}]"
    )


def rulebook(bands, *, propose):
    """The rules, which propose an action each or set a fact."""
    rules = tuple(
        Rule(
            id=band.id, for_="payment", when=Expression(written(band)),
            do=PROPOSES if propose else (), set={} if propose else {"matched": Expression(f'"{band.id}"')},
        )
        for band in bands
    )  # fmt: skip
    return Rulebook(MODEL, (Ruleset(id="bench", rules=rules),), SETTINGS)


def change(event):
    """An event as the mapping hands it over."""
    fields = {"group": event.group, "amount": Decimal(event.amount), "days": Decimal(event.days)}
    return ChangeEvent(entity="payment", id=event.id, record=f"bank/payments/{event.id}", fields=fields)


def proposing(book, events):
    """Each match proposes an action; the answer is the decisions, each with its proof, id and life."""
    session = Session(book, HeldClock(START))
    changes = [change(event) for event in events]
    apply = session.apply
    return lambda: [[decision.key.rule for decision in apply(each)] for each in changes]


def concluding(book, events):
    """Each match sets a fact of the payment, kept true from then on; the answer is read from the payment."""
    session = Session(book, HeldClock(START))
    changes = [change(event) for event in events]
    payments = session.state.entities["payment"]

    def decide():
        found = []
        for each in changes:
            session.apply(each)
            found.append(payments[each.id].values.get("matched") or ())
        return found

    return decide
