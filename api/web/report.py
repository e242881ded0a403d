"""The outcome report of a period, for the owner: reads well on paper and as a mail."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import MediaType, Request, get
from litestar.params import FromQuery

from api.auth import actor_of
from api.insight.figures import Assumptions, Tally, by_workflow
from api.insight.outcome import Report
from api.insight.outcome import report as report_of
from api.served import layer_of
from api.speech.advice import advice
from api.web import saved
from api.web.pages import page, speech
from api.web.tables import Table, columns, exported, one_of
from api.web.workflows import drawings, drawn, kpi_table
from api.words import Words

WEEK = timedelta(days=7)
YEARS = range(1900, 2200)


@get("/report", role="viewer", media_type=MediaType.HTML)
async def report(
    request: Request[Any, Any, Any],
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    ruleset: FromQuery[str] = "",
    format: FromQuery[str] = "",
    table: FromQuery[str] = "",
) -> Any:  # noqa: ANN401  (a page or a file)
    """Show what was before, what is now, how sure that is, and what to do next."""
    layer, words = layer_of(request), speech(request)
    end = _moment(until, layer.timezone) or layer.clock.now()
    start = _moment(since, layer.timezone) or end - WEEK
    start = min(start, end - timedelta(days=1))
    titles = {each.id: each.title for each in layer.rulesets()}
    chronicle = await layer.chronicle(frozenset({ruleset}) if ruleset else None)
    given = Assumptions.of(layer.minutes)
    found = report_of(chronicle, start, end, given)
    rows = [
        (titles.get(name, words.label(name)), name, each) for name, each in by_workflow(chronicle, start, end).items()
    ]
    zone = ZoneInfo(layer.timezone)
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    kpis = await layer.kpis(ruleset, first, last + timedelta(days=1))
    compared_rows = compared(found, words)
    if format:
        tables = {"report": _compared(compared_rows, words), "workflows": _workflows(rows, given, words)}
        return exported(format, "report", one_of(tables | {"kpi": kpi_table(kpis, words)}, table))
    return page(
        request,
        "report.html",
        words=words,
        report=found,
        compared=compared_rows,
        titles=titles,
        ruleset=ruleset,
        rows=rows,
        next=[(advice(each, words), each) for each in found.next],
        given=given,
        kpis=[(each, drawn(each, words)) for each in kpis],
        drawings=[
            each for each in drawings(chronicle, min(start, end - timedelta(days=84)), end, words) if each.drawing
        ],
        since=first.isoformat(),
        until=last.isoformat(),
        filters=await saved.filters(layer, actor_of(request), "report"),
    )


def compared(found: Report, words: Words) -> list[tuple[str, float, float]]:
    """Return what was counted before and now."""
    say, before, now = words.say, found.before, found.now
    named = (
        (say("flagged"), "flagged"), (say("decided by people"), "decided"), (say("rejected"), "rejected"),
        (say("withdrawn because the reason went"), "withdrawn"), (say("sent"), "sent"),
        (say("of these by itself"), "alone"), (say("went well"), "good"), (say("went wrong"), "bad"),
        (say("no effect seen"), "unsettled"),
    )  # fmt: skip
    counted = [(told, float(getattr(before, name)), float(getattr(now, name))) for told, name in named]
    return [*counted, (say("hours saved"), round(found.hours_before, 1), round(found.hours, 1))]


def _compared(rows: Sequence[tuple[str, float, float]], words: Words) -> Table:
    say = words.say
    heads = columns(say("What"), say("before"), say("now"), say("change"))
    return Table(heads, [(name, was, now, round(now - was, 1)) for name, was, now in rows])


def _workflows(rows: Sequence[tuple[str, str, Tally]], given: Assumptions, words: Words) -> Table:
    say = words.say
    names = ("flagged", "approved", "edited", "rejected", "sent", "good", "bad")
    titles = (
        say("flagged"), say("approved"), say("edited"), say("rejected"), say("sent"), say("went well"),
        say("went wrong"),
    )  # fmt: skip
    told = [(title, *(getattr(each, name) for name in names), round(given.hours(each), 2)) for title, _, each in rows]
    return Table(columns(say("Name"), *titles, say("Hours saved")), told)


def _moment(text: str, timezone: str) -> datetime | None:
    """Return the moment that a form gives, None for what is none or leaves no room for a period before it."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if found is not None and found.year not in YEARS:
        return None
    return found.replace(tzinfo=ZoneInfo(timezone)) if found is not None and found.tzinfo is None else found
