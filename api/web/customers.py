"""Customers: everything known of one, per source, drawn and told."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from litestar import MediaType, Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from api.auth import actor_of
from api.facade import Layer
from api.problems import Faulty
from api.served import layer_of
from api.speech.memory import remembered
from api.views import EntityView, FieldView
from api.web import items, saved
from api.web.customer_drawings import drawings
from api.web.customer_tables import collection, records, rows, told
from api.web.late import PAGE_BUDGET, line
from api.web.pages import page, speech
from api.web.tables import Column, Table, exported
from api.words import Words

RECENT = 14
MOST = 400
LISTED = 100


@get("/customers", role="viewer", media_type=MediaType.HTML)
async def customers(request: Request[Any, Any, Any], q: FromQuery[str] = "", format: FromQuery[str] = "") -> Any:  # noqa: ANN401  (a page or a file)
    """Find customers by name or number."""
    layer = layer_of(request)
    lines = await layer.find("customer", q.strip()[:200], limit=10_000 if format else LISTED + 1)
    words = speech(request)
    if format:
        heads = (Column("id", words.say("Number")), Column("name", words.say("Name")))
        return exported(format, "customers", Table(heads, [(each.id, each.label) for each in lines]))
    kept = await saved.filters(layer, actor_of(request), "customers")
    return page(
        request, "customers.html", words=words, lines=lines[:LISTED], more=len(lines) > LISTED, q=q, filters=kept
    )


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
        named = {"timeline": told(timeline, words), "records": records(view, words)}
        return exported(format, table or "customer", named.get(table) or collection(view, table, words))
    lines = [each for each in await layer.lines() if subject in (each.subject, each.root)]
    fields, people = view.customer.fields, {each.id: each.name for each in layer.people()}
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
        waiting=[items.item(each, {subject: view.customer.label}, words, now) for each in lines if _open(each.state)],
        actions=[
            items.item(each, {subject: view.customer.label}, words, now) for each in lines if not _open(each.state)
        ],
        related=[rows(name, items, words, view.customer.type) for name, items in view.related.items()],
        timeline=[
            {
                "kind": each.kind, "at": words.moment(each.at),
                "actor": people.get(each.actor, each.actor.removeprefix("source:")),
                "text": remembered(each, words, people), "ref": each.ref, "seq": each.seq,
            }
            for each in reversed(timeline)
            if kind in ("", _group(each.kind))
        ],
        kind=kind,
        kinds=_kinds(words),
        recent=RECENT,
        fields=[_field(name, field, words) for name, field in fields.items() if _is_known(field)],
        unknown=[words.label(name) for name, field in fields.items() if not _is_known(field)],
        drawings=list(drawings(view, words, now.date())),
    )  # fmt: skip


@get("/subjects/{type:str}/{id:path}", role="viewer", media_type=MediaType.HTML)
async def subject(request: Request[Any, Any, Any], type: FromPath[str], id: FromPath[str]) -> Any:  # noqa: ANN401  (a page)
    """Show one entity of any type: its fields with where each comes from, and what is remembered."""
    layer, words = layer_of(request), speech(request)
    found = await layer.entity(type, id.removeprefix("/"))
    if found is None:
        raise Faulty(404, "unknown-subject", f"There is no {type} {id.removeprefix('/')}.")
    if type == "customer":
        return Redirect(items.subject_path(f"customer:{found.id}"), status_code=303)
    timeline = await layer.timeline(f"{type}:{found.id}", limit=MOST)
    people = {each.id: each.name for each in layer.people()}
    return page(
        request,
        "subject.html",
        words=words,
        kind=words.label(type),
        label=found.label or found.id,
        fields=[_field(name, field, words) for name, field in found.fields.items() if _is_known(field)],
        owner=_owner(found, layer),
        keys=found.keys,
        timeline=[
            {
                "at": words.moment(each.at),
                "text": remembered(each, words, people),
                "actor": people.get(each.actor, each.actor.removeprefix("source:")),
            }
            for each in reversed(timeline)
        ],
    )


@get("/records/{address:path}", role="viewer", media_type=MediaType.HTML)
async def record(request: Request[Any, Any, Any], address: FromPath[str]) -> Redirect:
    """Go to what a record speaks of."""
    found = layer_of(request).holder(address.removeprefix("/"))
    if not found:
        raise Faulty(404, "unknown-record", f"Nothing is known by the record {address.removeprefix('/')}.")
    return Redirect(f"{items.subject_path(found)}#records", status_code=303)


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
    return (items.subject_path(f"customer:{id}"), name) if name else ("", "")


def _is_known(field: FieldView) -> bool:
    return field.value is not None or bool(field.unresolved)


def _field(name: str, field: FieldView, words: Words) -> dict[str, Any]:
    kind = {"derived": words.say("worked out"), "concluded": words.say("concluded")}.get(field.kind, "")
    told = [{"name": each.record or each.rule, "link": each.link, "record": each.record} for each in field.sources]
    return {
        "label": words.label(name), "value": words.value(field.value), "unresolved": field.unresolved, "sources": told,
        "kind": kind,
    }  # fmt: skip
