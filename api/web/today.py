"""Today: what happened, what waits and for whom, who must be spoken to, and what is wrong."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get
from litestar.response import Redirect, Template

from api.auth import PUBLIC
from api.insight.figures import tally, waiting_for
from api.insight.sifting import tab_of
from api.served import layer_of
from api.web import cards
from api.web.pages import page, speech


@get("/", role=PUBLIC)
async def root() -> Redirect:
    """Go to the day."""
    return Redirect("/today", status_code=303)


@get("/today", role="viewer")
async def today(request: Request[Any, Any, Any]) -> Template:
    """Show the day."""
    layer, words = layer_of(request), speech(request)
    day = await layer.today()
    lines = await layer.lines()
    now = layer.clock.now()
    begin = now.astimezone(ZoneInfo(layer.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    people = {each.id: each.name for each in layer.people()}
    ready = await layer.ready()
    soon = [
        each for each in lines if each.state == "pending" and each.expires_at and each.expires_at < now + cards.SOON
    ]
    return page(
        request,
        "today.html",
        words=words,
        today=day,
        day=words.weekday(day.at),
        waiting=day.states.get(cards.DECIDABLE, 0),
        figures=tally(lines, begin, now + timedelta(seconds=1)),
        week=tally(lines, begin - timedelta(days=6), now + timedelta(seconds=1)),
        hands=[(people.get(who, who), who, count) for who, count in sorted(waiting_for(lines).items())],
        oldest=min((each.created_at for each in lines if each.state == "pending"), default=None),
        soon=len(soon),
        unclear=day.states.get("unknown", 0) + day.states.get("failed", 0),
        faults=ready.reasons,
        switches=await layer.switches(),
        states=sorted(day.states.items()),
        path=cards.subject_path,
        tab=tab_of,
    )
