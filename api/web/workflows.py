"""Workflows: decisions, acceptance, hours saved, money; each by itself and together, week by week."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar import MediaType, Request, get
from litestar.params import FromPath, FromQuery

from api.facade import Layer
from api.insight.figures import Assumptions, Tally, by_rule, by_workflow, tally, weeks
from api.insight.line import Line
from api.problems import Faulty
from api.served import layer_of
from api.web import charts
from api.web.pages import page, speech
from api.web.tables import Column, Table, exported
from api.words import Words, label
from evals.scoring import wilson

PERIODS = (7, 30, 90, 365)


@get("/workflows", role="viewer", media_type=MediaType.HTML)
async def workflows(
    request: Request[Any, Any, Any],
    days: FromQuery[int] = 90,
    by_hand: FromQuery[float | None] = None,
    decision: FromQuery[float | None] = None,
    edit: FromQuery[float | None] = None,
    format: FromQuery[str] = "",
) -> Any:  # noqa: ANN401  (a page or a file)
    """Show all workflows together."""
    layer = layer_of(request)
    given = assumed(by_hand, decision, edit)
    titles = {each.id: each.title for each in layer.rulesets()}
    since, until, lines = await _period(layer, days)
    rows = [(name, titles.get(name, label(name)), each) for name, each in by_workflow(lines, since, until).items()]
    return _shown(request, "", titles, lines, rows, (since, until, days), given, format)


@get("/workflows/{id:str}", role="viewer", media_type=MediaType.HTML)
async def workflow(
    request: Request[Any, Any, Any],
    id: FromPath[str],
    days: FromQuery[int] = 90,
    by_hand: FromQuery[float | None] = None,
    decision: FromQuery[float | None] = None,
    edit: FromQuery[float | None] = None,
    format: FromQuery[str] = "",
) -> Any:  # noqa: ANN401  (a page or a file)
    """Show one workflow, rule by rule."""
    layer = layer_of(request)
    titles = {each.id: each.title for each in layer.rulesets()}
    since, until, lines = await _period(layer, days)
    own = [each for each in lines if each.ruleset == id]
    if id not in titles and not own:
        raise Faulty(404, "unknown-ruleset", f"There is no ruleset {id}.")
    rows = [(rule, label(rule), each) for rule, each in by_rule(own, id, since, until).items()]
    return _shown(request, id, titles, own, rows, (since, until, days), assumed(by_hand, decision, edit), format)


def assumed(by_hand: float | None, decision: float | None, edit: float | None) -> Assumptions:
    """Return the assumptions, those given in place of the usual ones, in minutes from 0 to 600."""
    given = {"by_hand": by_hand, "decision": decision, "edit": edit}
    kept = {name: min(max(value, 0.0), 600.0) for name, value in given.items() if value is not None}
    return msgspec.structs.replace(Assumptions(), **kept)


async def _period(layer: Layer, days: int) -> tuple[datetime, datetime, Sequence[Line]]:
    until = layer.clock.now()
    return until - timedelta(days=min(max(days, 1), 3660)), until, await layer.lines()


def _shown(
    request: Request[Any, Any, Any],
    id: str,
    titles: dict[str, str],
    lines: Sequence[Line],
    rows: list[tuple[str, str, Tally]],
    period: tuple[datetime, datetime, int],
    given: Assumptions,
    format: str,
) -> Any:  # noqa: ANN401  (a page or a file)
    words = speech(request)
    since, until, days = period
    if format:
        return exported(format, f"workflows{'-' + id if id else ''}", _table(rows, given, words))
    whole = tally(lines, since, until)
    acceptance, volume = drawings(lines, since, until, words)
    before = tally(lines, since - (until - since), since)
    return page(
        request,
        "workflows.html",
        words=words,
        id=id,
        title=titles.get(id, label(id)) if id else "",
        rows=rows,
        whole=whole,
        before=before,
        days=days,
        periods=PERIODS,
        since=since,
        until=until,
        given=given,
        acceptance=acceptance,
        volume=volume,
        query=f"days={days}&by_hand={given.by_hand:g}&decision={given.decision:g}&edit={given.edit:g}",
    )


def drawings(lines: Sequence[Line], since: datetime, until: datetime, words: Words) -> tuple[Any, Any]:
    """Draw the acceptance week by week with its band beside that of the time before, and how much was sent."""
    found = weeks(lines, since, until) if (until - since).days > 14 else []
    decided = [(start.date(), each) for start, each in found if each.decided]
    points = [(day, each.acceptance or 0.0, *each.band) for day, each in decided]
    before = tally(lines, since - (until - since), since)
    baseline = (before.acceptance or 0.0, *wilson(before.approved, before.decided)) if before.decided else None
    title = words.say("Approved as it was, by week, with its 95 % band")
    accepted = charts.banded(points, words, title, baseline, "%", 1.0) if len(points) > 1 else ""
    sent = [(start.date(), float(each.sent)) for start, each in found]
    volume = charts.bars(sent, words, words.say("Sent, by week")) if any(value for _, value in sent) else ""
    return accepted, volume


def _table(rows: list[tuple[str, str, Tally]], given: Assumptions, words: Words) -> Table:
    say = words.say
    titles = (
        say("Name"), say("flagged"), say("approved"), say("edited"), say("rejected"), say("withdrawn"), say("sent"),
        say("of these by itself"), say("Acceptance"), say("Acceptance, low"), say("Acceptance, high"),
        say("Hours saved"),
    )  # fmt: skip
    return Table(
        [Column(str(place), title) for place, title in enumerate(titles)],
        [
            (
                title, each.flagged, each.approved, each.edited, each.rejected, each.withdrawn, each.sent, each.alone,
                each.acceptance, *each.band, round(given.hours(each), 2),
            )
            for _, title, each in rows
        ],
    )  # fmt: skip
