"""The inbox by account: one conversation for each, the most urgent first, with why it is urgent."""

from typing import Any

from litestar import MediaType, Request, get
from litestar.params import FromQuery

from api.auth import actor_of
from api.served import layer_of
from api.web import items
from api.web.pages import page, speech
from api.web.tables import Column, Table, exported
from api.words import Words
from approvals.queue import Conversation

SHOWN = 60


@get("/queue", role="viewer", media_type=MediaType.HTML)
async def queue(
    request: Request[Any, Any, Any], everything: FromQuery[bool] = False, format: FromQuery[str] = ""
) -> Any:  # noqa: ANN401  (a page or a file)
    """Show what waits for the reader's word; `everything` also what others look after and what is put off."""
    layer, words = layer_of(request), speech(request)
    ranking = await layer.ranking(actor_of(request), mine=not everything, most=None if format else SHOWN)
    if format:
        return exported(format, "queue", _table(ranking.conversations, words))
    people = {each.id: each.name for each in layer.people()}
    shown = {one.action.id for each in ranking.conversations for one in each.waiting}
    return page(
        request,
        "inbox/queue.html",
        words=words,
        here="/inbox",
        everything=everything,
        shown=ranking.conversations,
        total=ranking.accounts,
        waiting=ranking.waiting,
        lines={each.id: each for each in await layer.lines() if each.id in shown},
        in_short=lambda line: items.in_short(line, words),
        path=items.subject_path,
        people=people,
        why=lambda each: urgency(each, words),
    )


def urgency(why: tuple[str, ...], words: Words) -> str:
    """Return what makes something urgent in the reader's words; amounts stand as they are."""
    say = words.say
    known = {
        "high consequence": "", "medium consequence": "", "low consequence": "",
        "escalated": say("escalated"), "reminded": say("reminded"),
        "an amount that cannot be compared": say("an amount that cannot be compared"),
    }  # fmt: skip
    told = [known.get(each, "" if each.startswith("expires ") else each) for each in why]
    return ", ".join(each for each in told if each)


def _table(found: tuple[Conversation, ...], words: Words) -> Table:
    say = words.say
    columns = (
        Column("account", say("Account")), Column("name", say("Name")), Column("points", say("Urgency")),
        Column("id", say("Id")), Column("does", say("What")), Column("because", say("Why")),
        Column("expires", say("Expires")), Column("urgent", say("Urgent by")), Column("hands", say("Looked after by")),
    )  # fmt: skip
    rows = [
        (
            each.account, each.label, one.points, one.action.id, words.operation(one.action.operation),
            one.action.because, one.action.expires_at, urgency(one.why, words), one.in_hands,
        )
        for each in found
        for one in each.waiting
    ]  # fmt: skip
    return Table(columns, rows)
