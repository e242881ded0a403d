"""The outcome report of a period, for the owner: reads well on paper and as a mail."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get
from litestar.params import FromQuery
from litestar.response import Template

from api.insight.figures import by_workflow
from api.insight.outcome import report as report_of
from api.served import layer_of
from api.speech.advice import advice
from api.web.pages import page, speech
from api.web.workflows import assumed, drawings
from api.words import label

WEEK = timedelta(days=7)


@get("/report", role="viewer")
async def report(
    request: Request[Any, Any, Any],
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    ruleset: FromQuery[str] = "",
    by_hand: FromQuery[float | None] = None,
    decision: FromQuery[float | None] = None,
    edit: FromQuery[float | None] = None,
) -> Template:
    """Show what was before, what is now, how sure that is, and what to do next."""
    layer, words = layer_of(request), speech(request)
    end = _moment(until, layer.timezone) or layer.clock.now()
    start = _moment(since, layer.timezone) or end - WEEK
    start = min(start, end - timedelta(days=1))
    titles = {each.id: each.title for each in layer.rulesets()}
    lines = [each for each in await layer.lines() if ruleset in ("", each.ruleset)]
    given = assumed(by_hand, decision, edit)
    found = report_of(lines, start, end, given)
    acceptance, volume = drawings(lines, min(start, end - timedelta(days=84)), end, words)
    return page(
        request,
        "report.html",
        words=words,
        report=found,
        titles=titles,
        ruleset=ruleset,
        rows=[(titles.get(name, label(name)), name, each) for name, each in by_workflow(lines, start, end).items()],
        next=[(advice(each, words), each) for each in found.next],
        given=given,
        acceptance=acceptance,
        volume=volume,
        since=f"{start.astimezone(ZoneInfo(layer.timezone)):%Y-%m-%d}",
        until=f"{end.astimezone(ZoneInfo(layer.timezone)):%Y-%m-%d}",
    )


def _moment(text: str, timezone: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=ZoneInfo(timezone)) if found is not None and found.tzinfo is None else found
