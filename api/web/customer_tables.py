"""What refers to a customer as tables, on the page and as files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from api.views import CustomerView, EntityView, TimelineItem
from api.web.tables import Column, Table, columns
from api.words import Words
from engine.feel import Money

ROWS = 8
COLUMNS = 6
LONG = 120


@dataclass(frozen=True, slots=True)
class Rows:
    """What refers to a customer, as a table."""

    name: str
    title: str
    heads: list[dict[str, Any]]
    cells: list[list[str]]
    more: int


def rows(name: str, items: tuple[EntityView, ...], words: Words, owner: str) -> Rows:
    """Return the newest of a collection, in the columns that tell anything."""
    shown = sorted(items, key=_day, reverse=True)[:ROWS]
    fields = [each for each in (shown[0].fields if shown else ()) if each != owner]
    names = [each for each in fields if any(_cell(one, each, words) for one in shown)][:COLUMNS]
    heads = [{"label": words.label(each), "number": _is_number(shown, each)} for each in names]
    cells = [[_cell(each, name, words) for name in names] for each in shown]
    return Rows(name, words.capital(words.label(name)), heads, cells, len(items) - len(shown))


def _day(entity: EntityView) -> tuple[date, int, str]:
    """Return what puts a collection in order: the first day that it tells, then the number."""
    days = (field.value for field in entity.fields.values() if isinstance(field.value, date))
    first = next(days, date.min)
    return (first.date() if isinstance(first, datetime) else first), len(entity.id), entity.id


def _cell(entity: EntityView, name: str, words: Words) -> str:
    value = entity.fields[name].value if name in entity.fields else None
    text = "" if value is None else words.value(value)
    return text if len(text) <= LONG else f"{text[:LONG]}…"


def _is_number(items: Sequence[EntityView], name: str) -> bool:
    values = [each.fields[name].value for each in items if name in each.fields]
    return any(isinstance(value, Money | Decimal) for value in values)


def collection(view: CustomerView, name: str, words: Words) -> Table:
    """Return a collection of the customer, or its own fields, as a file."""
    if name not in view.related:
        named = (
            Column("field", words.say("Field")),
            Column("value", words.say("Value")),
            Column("source", words.say("Source")),
        )
        rows = [
            (key, field.value, ", ".join(each.record or each.rule for each in field.sources))
            for key, field in view.customer.fields.items()
        ]
        return Table(named, rows)
    items = view.related[name]
    keys = list(items[0].fields) if items else []
    heads = [Column("id", words.say("Id")), *(Column(each, words.label(each)) for each in keys)]
    return Table(heads, [[each.id, *(each.fields[key].value for key in keys)] for each in items])


def told(timeline: Sequence[TimelineItem], words: Words) -> Table:
    """Return the timeline for a file."""
    say = words.say
    rows = [(each.seq, each.at, each.kind, each.actor, each.text, each.ref) for each in timeline if not each.erased]
    return Table(columns(say("Entry"), say("At"), say("Kind"), say("Who"), say("What"), say("Refers to")), rows)


def records(view: CustomerView, words: Words) -> Table:
    """Return which records speak of the customer, for a file."""
    say = words.say
    rows = [
        (part.source, each.address, each.version, each.valid_at, each.link)
        for part in view.sources
        for each in part.records
    ]
    return Table(columns(say("Source"), say("Record"), say("Version"), say("Since"), say("Link")), rows)
