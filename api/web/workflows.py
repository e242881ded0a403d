"""Workflows: decisions, acceptance, hours saved, money; each by itself and together, week by week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from litestar import MediaType, Request, get
from litestar.params import FromPath, FromQuery

from api.auth import actor_of
from api.facade import Layer
from api.insight.chronicle import Chronicle
from api.insight.figures import Assumptions, Tally, by_rule, by_workflow, tally, weeks
from api.insight.kpi import Figure
from api.problems import Faulty
from api.served import layer_of
from api.web import charts, saved
from api.web.pages import page, speech
from api.web.tables import Table, columns, exported, one_of
from api.words import Words
from evals.scoring import wilson
from evals.statistics.means import Estimate

PERIODS = (7, 30, 90, 365)
MINUTES = ("by_hand", "decision", "edit")


@get("/workflows", role="viewer", media_type=MediaType.HTML)
async def workflows(request: Request[Any, Any, Any], days: FromQuery[int] = 90) -> Any:  # noqa: ANN401  (a page or a file)
    """Show all workflows together."""
    layer, words = layer_of(request), speech(request)
    titles = {each.id: each.title for each in layer.rulesets()}
    chronicle = await layer.chronicle()
    found = by_workflow(chronicle, *_period(layer, days))
    rows = [(name, titles.get(name, words.label(name)), each) for name, each in found.items()]
    return await _shown(request, "", titles, chronicle, rows, days)


@get("/workflows/{id:str}", role="viewer", media_type=MediaType.HTML)
async def workflow(request: Request[Any, Any, Any], id: FromPath[str], days: FromQuery[int] = 90) -> Any:  # noqa: ANN401  (a page or a file)
    """Show one workflow, rule by rule."""
    layer, words = layer_of(request), speech(request)
    titles = {each.id: each.title for each in layer.rulesets()}
    own = await layer.chronicle(frozenset({id}))
    if id not in titles and not own.rules():
        raise Faulty(404, "unknown-ruleset", f"There is no ruleset {id}.")
    rows = [(rule, words.label(rule), each) for rule, each in by_rule(own, id, *_period(layer, days)).items()]
    return await _shown(request, id, titles, own, rows, days)


def _minutes(text: str) -> float | None:
    try:
        given = float(text) if text else None
    except ValueError:
        return None
    return given if given is not None and isfinite(given) else None


def _period(layer: Layer, days: int) -> tuple[datetime, datetime]:
    until = layer.clock.now()
    return until - timedelta(days=min(max(days, 1), 3660)), until


async def _shown(
    request: Request[Any, Any, Any],
    id: str,
    titles: dict[str, str],
    chronicle: Chronicle,
    rows: list[tuple[str, str, Tally]],
    days: int,
) -> Any:  # noqa: ANN401  (a page or a file)
    layer, words, asked = layer_of(request), speech(request), request.query_params
    since, until = _period(layer, days)
    given = Assumptions.of(layer.minutes, **{name: _minutes(asked.get(name, "")) for name in MINUTES})
    zone = ZoneInfo(layer.timezone)
    kpis = await layer.kpis(id, since.astimezone(zone).date(), until.astimezone(zone).date() + timedelta(days=1))
    if format := asked.get("format", ""):
        tables = {"figures": _table(rows, given, words), "weeks": _weekly(chronicle, since, until, given, words)}
        table = one_of(tables | {"kpi": kpi_table(kpis, words)}, asked.get("table", ""))
        return exported(format, f"workflows{'-' + id if id else ''}", table)
    return page(
        request,
        "workflows.html",
        words=words,
        id=id,
        title=titles.get(id, words.label(id)) if id else "",
        titles=titles,
        rows=rows,
        whole=tally(chronicle, since, until),
        before=tally(chronicle, since - (until - since), since),
        days=days,
        periods=PERIODS,
        since=since,
        until=until,
        given=given,
        stated=layer.minutes,
        kpis=[(each, drawn(each, words)) for each in kpis],
        drawings=[each for each in drawings(chronicle, since, until, words) if each.drawing],
        query=f"days={days}&by_hand={given.by_hand:g}&decision={given.decision:g}&edit={given.edit:g}",
        filters=await saved.filters(layer, actor_of(request), "workflows"),
    )


def drawn(kpi: Figure, words: Words) -> Any:  # noqa: ANN401  (Markup)
    """Draw a key figure by week with its band, beside the baseline's."""
    points = [(day, each.value, each.low, each.high) for day, each in kpi.weeks]
    was = kpi.before
    base = (was.value, was.low, was.high) if was is not None and was.count > 1 else None
    return charts.banded(points, words, kpi.title, base, "%" if kpi.shares else "") if len(points) > 1 else ""


def kpi_table(kpis: Sequence[Figure], words: Words) -> Table:
    """Return the key figures for a file."""
    say = words.say
    heads = columns(
        say("Workflow"), say("Figure"), say("Unit"), say("before"), say("before, low"), say("before, high"),
        say("before, count"), say("now"), say("now, low"), say("now, high"), say("now, count"), say("change"),
        say("change, low"), say("change, high"),
    )  # fmt: skip
    rows = [
        (
            each.ruleset, each.title, each.unit, *_estimate(each.before), *_estimate(each.now),
            *((each.change.value, each.change.low, each.change.high) if each.change else (None, None, None)),
        )
        for each in kpis
    ]  # fmt: skip
    return Table(heads, rows)


def _estimate(found: Estimate | None) -> tuple[Any, ...]:
    if found is None:
        return None, None, None, 0
    return found.value, *((found.low, found.high) if found.count > 1 else (None, None)), found.count


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart with its heading and what is to be known to read it."""

    title: str
    drawing: Any
    note: str = ""


def drawings(chronicle: Chronicle, since: datetime, until: datetime, words: Words) -> tuple[Drawing, ...]:
    """Draw acceptance and outcomes week by week with their bands beside those of the time before, and what was sent."""
    say = words.say
    found = weeks(chronicle, since, until) if (until - since).days > 14 else []
    before = tally(chronicle, since - (until - since), since)
    note = say("By week, with the 95 % band (Wilson).")
    dashed = say("The dashed line is the time before of the same length.")
    accepted = [(start.date(), each.acceptance or 0.0, *each.band) for start, each in found if each.decided]
    well = [(start.date(), each.success or 0.0, *each.success_band) for start, each in found if each.watched]
    sent = [(start.date(), float(each.sent)) for start, each in found]
    return (
        Drawing(
            say("Approved as it was"),
            _share(
                accepted, words, say("Approved as it was, by week, with its 95 % band"), before.approved, before.decided
            ),
            f"{note} {dashed}" if before.decided else note,
        ),
        Drawing(
            say("Went well"),
            _share(well, words, say("Went well, by week, with its 95 % band"), before.good, before.watched),
            f"{say('Of what was sent, the share that ended as its rule declares good.')} {note}"
            + (f" {dashed}" if before.watched else ""),
        ),
        Drawing(
            say("Sent, by week"),
            charts.bars(sent, words, say("Sent, by week")) if any(value for _, value in sent) else "",
        ),
    )


def _share(points: Sequence[tuple[date, float, float, float]], words: Words, title: str, before: int, of: int) -> Any:  # noqa: ANN401  (Markup)
    base = (before / of, *wilson(before, of)) if of else None
    return charts.banded(points, words, title, base, "%", 1.0) if len(points) > 1 else ""


def _weekly(chronicle: Chronicle, since: datetime, until: datetime, given: Assumptions, words: Words) -> Table:
    say = words.say
    heads = columns(
        say("Week of"), say("flagged"), say("approved"), say("edited"), say("rejected"), say("sent"), say("went well"),
        say("went wrong"), say("no effect seen"), say("Hours saved"),
    )  # fmt: skip
    rows = [
        (
            start.date(), each.flagged, each.approved, each.edited, each.rejected, each.sent, each.good, each.bad,
            each.unsettled, round(given.hours(each), 2),
        )
        for start, each in weeks(chronicle, since, until)
    ]  # fmt: skip
    return Table(heads, rows)


def _table(rows: list[tuple[str, str, Tally]], given: Assumptions, words: Words) -> Table:
    say = words.say
    titles = (
        say("Name"), say("flagged"), say("approved"), say("edited"), say("rejected"), say("withdrawn"), say("sent"),
        say("of these by itself"), say("Acceptance"), say("Acceptance, low"), say("Acceptance, high"),
        say("Hours saved"), say("went well"), say("went wrong"), say("no effect seen"),
    )  # fmt: skip
    return Table(
        columns(*titles),
        [
            (
                title, each.flagged, each.approved, each.edited, each.rejected, each.withdrawn, each.sent, each.alone,
                each.acceptance, *each.band, round(given.hours(each), 2), each.good, each.bad, each.unsettled,
            )
            for _, title, each in rows
        ],
    )  # fmt: skip
