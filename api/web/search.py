"""Searching everything: customers, actions, and what is remembered."""

from typing import Any

from litestar import MediaType, Request, get
from litestar.params import FromQuery
from litestar.response import Redirect

from api.insight.sifting import Sieve, sift
from api.served import layer_of
from api.speech.memory import remembered
from api.web import items
from api.web.pages import page, speech
from api.web.tables import Table, columns, exported

MOST = 20


@get("/search", role="viewer", media_type=MediaType.HTML)
async def search(
    request: Request[Any, Any, Any], q: FromQuery[str] = "", subject: FromQuery[str] = "", format: FromQuery[str] = ""
) -> Any:  # noqa: ANN401  (a page or a file)
    """Show what bears the words, of everything or of one subject."""
    layer, words = layer_of(request), speech(request)
    q = q.strip()[:200]
    if q and await layer.action(q) is not None:
        return Redirect(f"/actions/{q}", status_code=303)
    if format:
        rows = [
            (each.item.at, each.subject, each.label, each.item.kind, each.item.actor, each.item.text, each.item.ref)
            for each in (await layer.recall(q, subject, 1000) if q else ())
        ]
        say = words.say
        heads = columns(say("At"), say("Subject"), say("Name"), say("Kind"), say("Who"), say("What"), say("Refers to"))
        return exported(format, "search", Table(heads, rows))
    lines = await layer.lines()
    found = sift(lines, Sieve(show="all", q=q, subject=subject), layer.folded)[:MOST] if q else []
    names = layer.labels([each.subject for each in found])
    now, people = layer.clock.now(), {each.id: each.name for each in layer.people()}
    return page(
        request,
        "search.html",
        words=words,
        q=q,
        subject=subject,
        about=layer.labels([subject]).get(subject, "") if subject else "",
        customers=await layer.find("customer", q, limit=MOST) if q and not subject else (),
        items=[items.item(each, names, words, now) for each in found],
        remembered=[
            (each, items.subject_path(each.subject), words.moment(each.item.at), remembered(each.item, words, people))
            for each in (await layer.recall(q, subject) if q else ())
        ],
    )
