"""Today: what happened, what waits and for whom, who must be spoken to, and what is wrong."""

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import MediaType, Request, get
from litestar.params import FromQuery
from litestar.response import Redirect

from api.auth import PUBLIC
from api.insight.figures import Tally, tally, waiting_for
from api.served import layer_of
from api.views import Account, Today
from api.web import items
from api.web.pages import page, speech
from api.web.tables import Table, columns, exported, one_of
from api.words import Words

SHOWN = 60
FIRST = 8
FEW = 10
Happened = tuple[str, str, int, int]


@get("/", role=PUBLIC)
async def root() -> Redirect:
    """Go to the day."""
    return Redirect("/today", status_code=303)


@get("/today", role="viewer", media_type=MediaType.HTML)
async def today(request: Request[Any, Any, Any], table: FromQuery[str] = "", format: FromQuery[str] = "") -> Any:  # noqa: ANN401  (a page or a file)
    """Show the day."""
    layer, words = layer_of(request), speech(request)
    day = await layer.today(None if format else SHOWN)
    lines = await layer.lines()
    now = layer.clock.now()
    begin = now.astimezone(ZoneInfo(layer.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    people = {each.id: each.name for each in layer.people()}
    chronicle = await layer.chronicle()
    figures = tally(chronicle, begin, now + timedelta(seconds=1))
    week = tally(chronicle, begin - timedelta(days=6), now + timedelta(seconds=1))
    hands = [(people.get(who, who), who, count) for who, count in sorted(waiting_for(lines).items())]
    rows = happened(figures, week, words)
    if format:
        return exported(format, f"today-{table}", one_of(_tables(day, rows, hands, words), table))
    pending, ends = [each for each in lines if each.state == "pending"], (now + items.SOON).astimezone(UTC)
    first = () if day.accounts else pending[:FIRST]
    names = layer.labels([each.subject for each in first])
    return page(
        request,
        "today.html",
        words=words,
        today=day,
        day=words.weekday(day.at),
        waiting=day.states.get(items.DECIDABLE, 0),
        rows=rows,
        week=week,
        hands=hands,
        oldest=pending[-1].created_at if pending else None,
        soon=sum(each.expires_at is not None and each.expires_at < ends for each in pending),
        unclear=day.states.get("unknown", 0) + day.states.get("failed", 0),
        faults=(await layer.ready()).reasons,
        drifts=await layer.alarms(),
        switches=await layer.switches(),
        path=items.subject_path,
        few=FEW,
        first=[items.item(each, names, words, now) for each in first],
    )


def happened(figures: Tally, week: Tally, words: Words) -> list[Happened]:
    """Return what happened, where its list is, today and in seven days."""
    say = words.say
    named = (
        (say("flagged"), "all", "flagged"), (say("approved"), "coming", "approved"),
        (say("edited"), "coming", "edited"), (say("rejected"), "closed", "rejected"),
        (say("withdrawn"), "closed", "withdrawn"), (say("sent"), "sent", "sent"),
        (say("of these by itself"), "sent", "alone"), (say("went well"), "all&came=good", "good"),
        (say("went wrong"), "all&came=bad", "bad"), (say("no effect seen"), "all&came=open", "unsettled"),
        (say("expired"), "closed", "expired"), (say("failed"), "unclear", "failed"),
    )  # fmt: skip
    return [(told, tab, getattr(figures, name), getattr(week, name)) for told, tab, name in named]


def _tables(
    day: Today, rows: Sequence[Happened], hands: Sequence[tuple[str, str, int]], words: Words
) -> Mapping[str, Table]:
    say = words.say
    accounts = columns(
        say("Account"), say("Name"), say("Balance"), say("Currency"), say("Days overdue"), say("Owner"), say("Why")
    )
    return {
        "happened": Table(
            columns(say("What"), say("today"), say("7 days")), [(name, now, week) for name, _, now, week in rows]
        ),
        "conversations": Table(accounts, [_account(each, words) for each in day.conversations]),
        "tracked": Table(accounts, [_account(each, words) for each in day.tracked]),
        "waiting": Table(
            columns(say("Who"), say("Waiting")), [(name or say("anyone"), count) for name, _, count in hands]
        ),
        "sources": Table(
            columns(say("Name"), say("State"), say("Fresh at"), say("Detail")),
            [(each.name, each.state, each.fresh_at, each.detail) for each in day.sources],
        ),
    }


def _account(each: Account, words: Words) -> tuple[Any, ...]:
    """Return an account's row; several balances, one for each currency, stay words."""
    amount = getattr(each.balance, "amount", None)
    told = amount if amount is not None else words.value(each.balance) if each.balance else None
    currency = getattr(each.balance, "currency", "")
    return each.subject, each.label, told, currency, each.days_overdue, each.owner, each.why
