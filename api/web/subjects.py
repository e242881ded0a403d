"""Today and the customers: what is known, told for people."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from litestar import Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from api.auth import PUBLIC
from api.problems import Faulty
from api.served import layer_of
from api.views import EntityView, FieldView, SourcePart
from api.web import cards
from api.web.inbox import tab_of
from api.web.pages import page
from api.words import Words, label

ROWS = 8
COLUMNS = 6
LONG = 120
RECENT = 12


@dataclass(frozen=True, slots=True)
class Rows:
    """What refers to a customer, as a table."""

    heads: list[dict[str, Any]]
    cells: list[list[str]]
    more: int


@get("/", role=PUBLIC)
async def root() -> Redirect:
    """Go to the day."""
    return Redirect("/today", status_code=303)


@get("/today", role="viewer")
async def today(request: Request[Any, Any, Any]) -> Template:
    """Show the day: who must be spoken to, what runs by itself, what waits."""
    layer = layer_of(request)
    words, day = Words(layer.timezone), await layer.today()
    waiting = day.states.get(cards.DECIDABLE, 0)
    return page(
        request,
        "today.html",
        today=day,
        day=words.weekday(day.at),
        waiting=waiting,
        states=sorted(day.states.items()),
        value=words.value,
        moment=words.moment,
        path=path,
        tab=tab_of,
    )


@get("/customers", role="viewer")
async def customers(request: Request[Any, Any, Any], q: FromQuery[str] = "") -> Template:
    """Find customers by name or number."""
    lines = await layer_of(request).find("customer", q.strip()[:200], limit=100)
    return page(request, "customers.html", lines=lines, q=q)


@get("/customers/{id:path}", role="viewer")
async def customer(request: Request[Any, Any, Any], id: FromPath[str]) -> Template:
    """Show everything known of one customer."""
    layer = layer_of(request)
    id = id.removeprefix("/")
    view = await layer.customer(id)
    if view is None:
        raise Faulty(404, "unknown-customer", f"There is no customer {id}.")
    words, now = Words(layer.timezone), layer.clock.now()
    subject = f"customer:{id}"
    known = {subject: view.customer.label}
    timeline = await layer.timeline(subject, limit=500)
    fields = view.customer.fields
    return page(
        request,
        "customer.html",
        label=view.customer.label or id,
        sources=[_source(part, words) for part in view.sources],
        actions=[cards.item(each, known, words, now) for each in view.actions],
        related=[
            (label(name).capitalize(), _rows(items, words, view.customer.type)) for name, items in view.related.items()
        ],
        timeline=[
            {
                "kind": each.kind,
                "at": words.moment(each.at),
                "actor": each.actor,
                "text": _told(each.text, erased=each.erased),
                "ref": each.ref,
            }
            for each in reversed(timeline)
        ],
        recent=RECENT,
        fields=[_field(name, field, words) for name, field in fields.items() if _is_known(field)],
        unknown=[label(name) for name, field in fields.items() if not _is_known(field)],
    )


def path(subject: str) -> str:
    """Return the page of a subject."""
    _, _, id = subject.partition(":")
    return f"/customers/{quote(id, safe='')}"


def _told(text: str, *, erased: bool) -> str:
    return "Erased." if erased else text


def _source(part: SourcePart, words: Words) -> dict[str, str]:
    age = f"{words.age(part.age)} ago" if part.age is not None else ""
    return {"name": part.source, "state": part.state, "note": part.detail or age}


def _is_known(field: FieldView) -> bool:
    return field.value is not None or bool(field.unresolved)


def _field(name: str, field: FieldView, words: Words) -> dict[str, str]:
    where = ", ".join(each.record or each.rule for each in field.sources)
    kind = {"derived": "worked out", "concluded": "concluded"}.get(field.kind, "")
    return {
        "label": label(name),
        "value": words.value(field.value),
        "unresolved": field.unresolved,
        "source": where or kind,
    }


def _rows(items: tuple[EntityView, ...], words: Words, owner: str) -> Rows:
    shown = items[: -ROWS - 1 : -1]
    columns = [name for name in (shown[0].fields if shown else ()) if name != owner][:COLUMNS]
    heads = [{"label": label(name), "number": _is_number(shown, name)} for name in columns]
    cells = [[_cell(each, name, words) for name in columns] for each in shown]
    return Rows(heads, cells, len(items) - len(shown))


def _cell(entity: EntityView, name: str, words: Words) -> str:
    value = entity.fields[name].value if name in entity.fields else None
    text = "" if value is None else words.value(value)
    return text if len(text) <= LONG else f"{text[:LONG]}…"


def _is_number(items: tuple[EntityView, ...], name: str) -> bool:
    values = [each.fields[name].value for each in items if name in each.fields]
    return any(hasattr(value, "amount") or hasattr(value, "as_tuple") for value in values)
