"""Customers: everything known of one, per source, drawn and told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from litestar import MediaType, Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from api.auth import actor_of
from api.facade import Layer
from api.problems import Faulty
from api.served import layer_of
from api.views import CustomerView, EntityView, FieldView, TimelineItem
from api.web import cards, charts, saved
from api.web.late import PAGE_BUDGET, line
from api.web.pages import page, speech
from api.web.tables import Column, Table, columns, exported
from api.words import Words, label
from engine.feel import Money

ROWS = 8
COLUMNS = 6
LONG = 120
RECENT = 14
MOST = 400


@dataclass(frozen=True, slots=True)
class Rows:
    """What refers to a customer, as a table."""

    name: str
    title: str
    heads: list[dict[str, Any]]
    cells: list[list[str]]
    more: int


@get("/customers", role="viewer", media_type=MediaType.HTML)
async def customers(request: Request[Any, Any, Any], q: FromQuery[str] = "", format: FromQuery[str] = "") -> Any:  # noqa: ANN401  (a page or a file)
    """Find customers by name or number."""
    layer = layer_of(request)
    lines = await layer.find("customer", q.strip()[:200], limit=10_000 if format else 100)
    words = speech(request)
    if format:
        heads = (Column("id", words.say("Number")), Column("name", words.say("Name")))
        return exported(format, "customers", Table(heads, [(each.id, each.label) for each in lines]))
    kept = await saved.filters(layer, actor_of(request), "customers")
    return page(request, "customers.html", words=words, lines=lines, q=q, filters=kept)


@get("/customers/{id:path}", role="viewer", media_type=MediaType.HTML)
async def customer(
    request: Request[Any, Any, Any],
    id: FromPath[str],
    table: FromQuery[str] = "",
    format: FromQuery[str] = "",
    kind: FromQuery[str] = "",
) -> Any:  # noqa: ANN401  (a page or a file)
    """Show everything known of one customer."""
    layer = layer_of(request)
    id = id.removeprefix("/")
    view = await layer.customer(id, budget=PAGE_BUDGET)
    if view is None:
        raise Faulty(404, "unknown-customer", f"There is no customer {id}.")
    words, now = speech(request), layer.clock.now()
    subject = f"customer:{view.customer.id}"
    timeline = await layer.timeline(subject, limit=MOST)
    if format:
        tables = {"timeline": _told(timeline, words), "records": _records(view, words)}
        return exported(format, table or "customer", tables.get(table) or _table(view, table, words))
    lines = [each for each in await layer.lines() if subject in (each.subject, each.root)]
    fields = view.customer.fields
    return page(
        request,
        "customer.html",
        words=words,
        id=view.customer.id,
        base=f"/customers/{quote(view.customer.id, safe='')}",
        label=view.customer.label or id,
        sources=[(part.source, line(part, words)) for part in view.sources],
        late=",".join(part.source for part in view.sources if part.live == "late"),
        records=[(each, part.source) for part in view.sources for each in part.records],
        identifiers=[each for each in view.customer.keys if "/" not in each],
        waiting=[cards.item(each, {subject: view.customer.label}, words, now) for each in lines if _open(each.state)],
        actions=[
            cards.item(each, {subject: view.customer.label}, words, now) for each in lines if not _open(each.state)
        ],
        related=[_rows(name, items, words, view.customer.type) for name, items in view.related.items()],
        timeline=[
            {
                "kind": each.kind, "at": words.moment(each.at), "actor": each.actor,
                "text": words.say("Erased.") if each.erased else each.text, "ref": each.ref, "seq": each.seq,
            }
            for each in reversed(timeline)
            if kind in ("", _group(each.kind))
        ],
        kind=kind,
        kinds=_kinds(words),
        recent=RECENT,
        fields=[_field(name, field, words) for name, field in fields.items() if _is_known(field)],
        unknown=[label(name) for name, field in fields.items() if not _is_known(field)],
        drawings=list(_drawings(view, words, now.date())),
    )  # fmt: skip


@get("/subjects/{type:str}/{id:path}", role="viewer", media_type=MediaType.HTML)
async def subject(request: Request[Any, Any, Any], type: FromPath[str], id: FromPath[str]) -> Any:  # noqa: ANN401  (a page)
    """Show one entity of any type: its fields with where each comes from, and what is remembered."""
    layer, words = layer_of(request), speech(request)
    found = await layer.entity(type, id.removeprefix("/"))
    if found is None:
        raise Faulty(404, "unknown-subject", f"There is no {type} {id.removeprefix('/')}.")
    if type == "customer":
        return Redirect(cards.subject_path(f"customer:{found.id}"), status_code=303)
    timeline = await layer.timeline(f"{type}:{found.id}", limit=MOST)
    return page(
        request,
        "subject.html",
        words=words,
        kind=label(type),
        label=found.label or found.id,
        fields=[_field(name, field, words) for name, field in found.fields.items() if _is_known(field)],
        owner=_owner(found, layer),
        keys=found.keys,
        timeline=[{"at": words.moment(each.at), "text": each.text, "actor": each.actor} for each in reversed(timeline)],
    )


@get("/records/{address:path}", role="viewer", media_type=MediaType.HTML)
async def record(request: Request[Any, Any, Any], address: FromPath[str]) -> Redirect:
    """Go to what a record speaks of."""
    found = layer_of(request).holder(address.removeprefix("/"))
    if not found:
        raise Faulty(404, "unknown-record", f"Nothing is known by the record {address.removeprefix('/')}.")
    return Redirect(f"{cards.subject_path(found)}#records", status_code=303)


def _open(state: str) -> bool:
    return state in ("proposed", "pending", "approved", "scheduled", "sending", "unknown", "failed")


_GROUPS = {
    "record": "facts", "deleted": "facts", "merge": "facts", "split": "facts", "decision": "decisions",
    "action": "actions", "verdict": "actions", "receipt": "actions", "note": "actions", "outcome": "outcomes",
}  # fmt: skip


def _group(kind: str) -> str:
    return _GROUPS.get(kind, "other")


def _kinds(words: Words) -> list[tuple[str, str]]:
    say = words.say
    return [
        ("", say("Everything")), ("facts", say("Facts and messages")), ("decisions", say("Decisions")),
        ("actions", say("Actions")), ("outcomes", say("Outcomes")),
    ]  # fmt: skip


def _owner(found: EntityView, layer: Layer) -> tuple[str, str]:
    """Return the customer it belongs to: page and name."""
    field = found.fields.get("customer")
    if field is None or field.value is None:
        return "", ""
    value = field.value
    id = str(value.get("id") if isinstance(value, Mapping) else value)
    name = layer.labels([f"customer:{id}"]).get(f"customer:{id}", "")
    return (cards.subject_path(f"customer:{id}"), name) if name else ("", "")


def _is_known(field: FieldView) -> bool:
    return field.value is not None or bool(field.unresolved)


def _field(name: str, field: FieldView, words: Words) -> dict[str, Any]:
    kind = {"derived": words.say("worked out"), "concluded": words.say("concluded")}.get(field.kind, "")
    told = [{"name": each.record or each.rule, "link": each.link, "record": each.record} for each in field.sources]
    return {
        "label": label(name), "value": words.value(field.value), "unresolved": field.unresolved, "sources": told,
        "kind": kind,
    }  # fmt: skip


def _rows(name: str, items: tuple[EntityView, ...], words: Words, owner: str) -> Rows:
    shown = items[: -ROWS - 1 : -1]
    names = [each for each in (shown[0].fields if shown else ()) if each != owner][:COLUMNS]
    heads = [{"label": label(each), "number": _is_number(shown, each)} for each in names]
    cells = [[_cell(each, name, words) for name in names] for each in shown]
    return Rows(name, label(name).capitalize(), heads, cells, len(items) - len(shown))


def _cell(entity: EntityView, name: str, words: Words) -> str:
    value = entity.fields[name].value if name in entity.fields else None
    text = "" if value is None else words.value(value)
    return text if len(text) <= LONG else f"{text[:LONG]}…"


def _is_number(items: Sequence[EntityView], name: str) -> bool:
    values = [each.fields[name].value for each in items if name in each.fields]
    return any(isinstance(value, Money | Decimal) for value in values)


def _table(view: CustomerView, name: str, words: Words) -> Table:
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
    heads = [Column("id", words.say("Id")), *(Column(each, label(each)) for each in keys)]
    return Table(heads, [[each.id, *(each.fields[key].value for key in keys)] for each in items])


def _told(timeline: Sequence[TimelineItem], words: Words) -> Table:
    say = words.say
    rows = [(each.seq, each.at, each.kind, each.actor, each.text, each.ref) for each in timeline if not each.erased]
    return Table(columns(say("Entry"), say("At"), say("Kind"), say("Who"), say("What"), say("Refers to")), rows)


def _records(view: CustomerView, words: Words) -> Table:
    say = words.say
    rows = [
        (part.source, each.address, each.version, each.valid_at, each.link)
        for part in view.sources
        for each in part.records
    ]
    return Table(columns(say("Source"), say("Record"), say("Version"), say("Since"), say("Link")), rows)


def _drawings(view: CustomerView, words: Words, today: date) -> Any:  # noqa: ANN401  (title, drawing, note)
    """Yield what can be drawn of a customer with invoices and payments: the open balance, and how late it pays."""
    invoices, payments = view.related.get("invoices", ()), view.related.get("payments", ())
    moves = sorted([*_moves(invoices, "issued_on", 1), *_moves(payments, "paid_on", -1)])
    for currency in sorted({each[2] for each in moves}):
        total, points = Decimal(0), []
        for day, amount, its in moves:
            if its == currency:
                total += amount
                points.append((day, float(total)))
        title = words.say("Open balance in {currency}", currency=currency)
        drawn = charts.steps([*points, (max(today, points[-1][0]), float(total))], words, title)
        yield title, drawn, words.say("Invoices issued less payments received, from what is known here.")
    late = sorted(
        (each.fields["paid_on"].value, float(each.fields["days_late"].value))
        for each in payments
        if _value(each, "days_late") is not None and isinstance(_value(each, "paid_on"), date)
    )
    usual = view.customer.fields.get("usual_days_late")
    habit = float(usual.value) if usual is not None and isinstance(usual.value, Decimal) else None
    if late:
        title = words.say("Days late, payment by payment")
        note = (
            words.say("The dashed line is this customer's own habit: {days} days.", days=words.number(habit))
            if habit is not None
            else ""
        )
        yield title, charts.bars(late[-60:], words, title, habit), note


def _moves(items: Sequence[EntityView], when: str, sign: int) -> Any:  # noqa: ANN401  (day, amount, currency)
    for each in items:
        amount, day = _value(each, "amount"), _value(each, when)
        if isinstance(amount, Money) and isinstance(day, date) and _value(each, "cancelled") is not True:
            yield day, amount.amount * sign, amount.currency


def _value(entity: EntityView, name: str) -> Any:  # noqa: ANN401  (a FEEL value)
    field = entity.fields.get(name)
    return field.value if field is not None else None
