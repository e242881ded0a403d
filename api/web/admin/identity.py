"""Who is who: the doubtful pairs, a page at a time, and a person's word on them."""

from typing import Any

from litestar import MediaType, Request, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from api.auth import actor_of
from api.served import layer_of
from api.web import items
from api.web.admin.doing import back
from api.web.admin.pages import framed
from api.web.pages import speech
from api.web.session import checked_form
from api.web.tables import Table, columns, exported

PAGE = 20


@get("/admin/identity", role="auditor", media_type=MediaType.HTML)
async def doubtful(
    request: Request[Any, Any, Any],
    page: FromQuery[int] = 1,
    format: FromQuery[str] = "",
    said: FromQuery[str] = "",
    bad: FromQuery[str] = "",
) -> Any:  # noqa: ANN401  (a page or a file)
    """Show the doubtful pairs, each with its evidence as it is now; a file has the bits of when people were asked."""
    layer, words = layer_of(request), speech(request)
    if format:
        found = await layer.reviews(evidence=False)
        rows = [(each.left.id, each.left.label, each.right.id, each.right.label, each.bits) for each in found.shown]
        say = words.say
        heads = columns(say("Id"), say("Name"), say("Id"), say("Name"), say("Bits"))
        return exported(format, "identity", Table(heads, rows))
    number = max(page, 1)
    found = await layer.reviews((number - 1) * PAGE, PAGE)
    return framed(
        request, "identity", words, said, bad, pairs=found.shown, total=found.total, number=number,
        start=(number - 1) * PAGE, pages=(found.total + PAGE - 1) // PAGE,
        path_of=lambda line: items.subject_path(f"{line.type}:{line.id}"),
    )  # fmt: skip


@post("/admin/identity/change", role="admin", status_code=303)
async def identity(request: Request[Any, Any, Any]) -> Redirect:
    """Say of a doubtful pair that it is one, or two, and go back to the page it was on."""
    form, words = await checked_form(request), speech(request)
    layer, actor = layer_of(request), actor_of(request)
    pair = (form.get("type", ""), form.get("id", ""), form.get("other", ""))
    number = form.get("page", "")
    rest = f"&page={number}" if number.isdecimal() and number != "1" else ""
    if form.get("does") == "merge":
        found: object = await layer.merge(*pair, actor, form.get("reason", ""))
        return back(words, "identity", found, words.say("They are one now; it can be undone."), rest=rest)
    found = await layer.keep_apart(*pair, actor, form.get("reason", ""))
    return back(words, "identity", found, words.say("They stay two."), rest=rest)
