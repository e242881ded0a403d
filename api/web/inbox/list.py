"""The inbox: what waits, and one action beside it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from litestar import MediaType, Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Response, Template

from api.auth import actor_of
from api.dossier.page import page as dossier_page
from api.facade import Layer
from api.insight.line import Line
from api.insight.sifting import SORTS, TABS, Sieve, sift, tab_of
from api.problems import Faulty
from api.served import layer_of
from api.speech.states import state_words
from api.web import cards, items, saved
from api.web.pages import HEADERS, page, speech
from api.web.tables import Column, Table, exported
from api.words import Words
from engine.events import Action

PAGE = 50
BULK = 200


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a word did not count; `differences` are (key, was, is)."""

    tone: str
    title: str
    detail: str
    differences: Sequence[tuple[str, str, str]] = ()


@dataclass(frozen=True, slots=True)
class Toast:
    """What was just done, and what may be taken back."""

    text: str
    undo: str = ""


@get("/inbox", role="viewer", media_type=MediaType.HTML)
async def inbox(
    request: Request[Any, Any, Any], done: FromQuery[str] = "", page: FromQuery[int] = 1, format: FromQuery[str] = ""
) -> Any:  # noqa: ANN401  (a page or a file)
    """Show a list of actions, and the first of them where there is room."""
    layer = layer_of(request)
    sieve = Sieve.of(request.query_params)
    found = await _found(layer, sieve)
    if format:
        names = layer.labels([each.subject for each in found])
        return exported(format, "inbox", _table(found, names, speech(request)))
    start = max(0, (page - 1) * PAGE)
    first = await layer.action(found[start].id) if len(found) > start else None
    toast = await _toast(layer, done, speech(request)) if done else None
    return await show_page(request, sieve, first, chosen=False, number=max(1, page), toast=toast, found=found)


@get("/actions/{id:str}", role="viewer")
async def action(
    request: Request[Any, Any, Any], id: FromPath[str], done: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Template:
    """Show one action beside its list."""
    layer = layer_of(request)
    found = await layer.action(id)
    if found is None:
        raise Faulty(404, "unknown-action", f"There is no action {id}.")
    toast = await _toast(layer, done, speech(request)) if done else None
    sieve = Sieve.of(request.query_params, tab_of(found.state))
    return await show_page(request, sieve, found, chosen=True, number=max(1, page), toast=toast)


@get("/actions/{id:str}/dossier", role="viewer", media_type=MediaType.HTML)
async def dossier(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[str]:
    """Show everything about one action on one page, for an auditor."""
    layer = layer_of(request)
    found = await layer.dossier(id)
    if found is None:
        raise Faulty(404, "unknown-action", f"There is no action {id}.")
    headers = HEADERS | {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Response(dossier_page(found, layer.company, speech(request)), media_type=MediaType.HTML, headers=headers)


async def _found(layer: Layer, sieve: Sieve) -> list[Line]:
    return sift(await layer.lines(), sieve, layer.folded)


async def show_page(
    request: Request[Any, Any, Any],
    sieve: Sieve,
    one: Action | None,
    *,
    chosen: bool,
    number: int = 1,
    toast: Toast | None = None,
    status: int = 200,
    refused: Refusal | None = None,
    edit: Mapping[str, str] | None = None,
    found: Sequence[Line] | None = None,
) -> Template:
    """Return the list and the action beside it; `found` is what the list holds, where that is known already."""
    layer, actor, words = layer_of(request), actor_of(request), speech(request)
    part = request.headers.get("x-part") == "detail"
    if found is None:
        found = await _found(layer, sieve)
    start = (number - 1) * PAGE
    shown = found[start : start + PAGE]
    names = layer.labels([each.subject for each in shown])
    now = layer.clock.now()
    lines = await layer.lines()
    counts = Counter(map(attrgetter("state"), lines))
    return page(
        request,
        "inbox/detail.html" if part else "inbox/page.html",
        status,
        words,
        here="/inbox",
        tabs=_tabs(words, counts),
        sieve=sieve,
        sorts=_sorts(words),
        rulesets=sorted(set(map(attrgetter("ruleset"), lines))),
        items=[] if part else [items.item(each, names, words, now) for each in shown],
        total=len(found),
        number=number,
        pages=(len(found) + PAGE - 1) // PAGE,
        start=start,
        card=await cards.card(layer, one, actor, words) if one else None,
        head=await layer.head(),
        chosen=chosen,
        toast=toast,
        nothing=_nothing(words)[sieve.show],
        refused=refused,
        edit=edit or {},
        mine=actor.id,
        filters=await saved.filters(layer, actor, "inbox"),
        codes=reasons(words),
        states=lambda state: state_words(words).get(state, state),
    )


def _tabs(words: Words, counts: Mapping[str, int]) -> list[Mapping[str, Any]]:
    titles = {
        "waiting": words.say("Waiting"),
        "coming": words.say("On its way"),
        "unclear": words.say("Unclear"),
        "sent": words.say("Sent"),
        "closed": words.say("Closed"),
        "all": words.say("All"),
    }
    told = ("waiting", "coming", "unclear")
    return [
        {
            "name": name,
            "title": titles[name],
            "count": sum(counts.get(each, 0) for each in states) if name in told else 0,
        }
        for name, states in TABS.items()
    ]


def _sorts(words: Words) -> list[tuple[str, str]]:
    say = words.say
    titles = (
        say("newest first"),
        say("oldest first"),
        say("soonest to expire"),
        say("largest amount"),
        say("customer"),
    )
    return list(zip(SORTS, titles, strict=True))


def _nothing(words: Words) -> Mapping[str, str]:
    return {
        "waiting": words.say("Nothing waits for your word."),
        "coming": words.say("Nothing is on its way."),
        "unclear": words.say("Nothing is unclear."),
        "sent": words.say("Nothing was sent yet."),
        "closed": words.say("Nothing was rejected, withdrawn or expired."),
        "all": words.say("There are no actions yet."),
    }


def reasons(words: Words) -> list[tuple[str, str]]:
    """Return why an action may be rejected: the code that evals count, and its words."""
    say = words.say
    return [
        ("", say("choose one, if it fits")), ("wrong_fact", say("It rests on something that is not so.")),
        ("wrong_words", say("The words are not right.")), ("wrong_recipient", say("It goes to the wrong one.")),
        ("wrong_time", say("It is right, but not now.")), ("already_done", say("It was done already, elsewhere.")),
        ("never", say("Never propose it for this customer again.")),
    ]  # fmt: skip


def standing(state: str, words: Words) -> str:
    """Return how an action stands, to follow "it is"."""
    return words.say("still waiting") if state == "pending" else state_words(words).get(state, state)


async def _toast(layer: Layer, ids: str, words: Words) -> Toast | None:
    if ids.startswith("bulk-"):
        done, _, failed = ids[5:].partition("-")
        text = words.say.many("{count} action was decided.", "{count} actions were decided.", int(done or 0))
        more = words.say.many("{count} could not be.", "{count} could not be.", int(failed or 0))
        return Toast(f"{text} {more}" if failed not in ("", "0") else text)
    found = await layer.action(ids)
    if found is None or not found.history:
        return None
    names = layer.labels([found.key.subject])
    what = items.will_do(found, names.get(found.key.subject, found.key.subject), words)
    last = found.history[-1].state
    told = state_words(words).get(last, last)
    if last == "edited":
        told = words.say("saved as version {version}, which waits for approval", version=found.version)
    elif last == "voted":
        told = words.say("your approval counts, another one is needed")
    elif found.state == "pending" and last == "pending":
        told = words.say("taken back, it waits again")
    return Toast(f"{what}: {told}.", found.id if found.state in items.UNDOABLE else "")


def _table(found: Sequence[Line], names: Mapping[str, str], words: Words) -> Table:
    say = words.say
    columns = (
        Column("id", say("Id")), Column("state", say("State")), Column("subject", say("Subject")),
        Column("name", say("Name")), Column("does", say("What")), Column("amount", say("Amount")),
        Column("currency", say("Currency")), Column("because", say("Why")), Column("created", say("Since")),
        Column("expires", say("Expires")), Column("by", say("Decided by")), Column("decided", say("Decided at")),
        Column("reason", say("Reason")), Column("rule", say("Rule")),
    )  # fmt: skip
    rows = [
        (
            each.id, each.state, each.subject, names.get(each.subject, ""), items.in_short(each, words),
            each.amount.amount if each.amount else None, each.amount.currency if each.amount else "", each.because,
            each.created_at, each.expires_at, each.by, each.decided_at, each.reason, f"{each.ruleset}/{each.rule}",
        )
        for each in found
    ]  # fmt: skip
    return Table(columns, rows)
