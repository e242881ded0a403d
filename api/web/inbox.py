"""The inbox: what waits, one action beside it, and the verdict form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Response, Template

from api import outcomes
from api.auth import actor_of
from api.facade import Layer
from api.problems import Faulty
from api.served import layer_of
from api.web import cards
from api.web.pages import page
from api.web.session import checked_form
from api.words import Words, label
from engine.events import Action, Verdict

TABS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "waiting": ("Waiting", ("pending", "proposed"), "Nothing waits for your word."),
    "coming": ("On its way", ("approved", "scheduled", "sending"), "Nothing is on its way."),
    "unclear": ("Unclear", ("unknown", "failed"), "Nothing is unclear."),
    "sent": ("Sent", ("sent",), "Nothing was sent yet."),
    "closed": ("Closed", ("rejected", "withdrawn", "expired"), "Nothing was rejected, withdrawn or expired."),
    "all": ("All", ("",), "There are no actions yet."),
}
PAGE = 50
VERDICTS = ("approve", "edit", "reject", "delegate", "snooze")
NOTED = {
    "delegated": "given to a colleague",
    "snoozed": "put off",
    "voted": "your approval counts, another one is needed",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a verdict did not count; `differences` are (key, was, is)."""

    tone: str
    title: str
    detail: str
    differences: Sequence[tuple[str, str, str]] = ()


@get("/inbox", role="viewer")
async def inbox(
    request: Request[Any, Any, Any],
    show: FromQuery[str] = "waiting",
    done: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Template:
    """Show a list of actions, and the first of them where there is room."""
    layer = layer_of(request)
    show = show if show in TABS else "waiting"
    found, older = await _list(layer, show, after)
    notice = await _notice(layer, done) if done else ""
    first = found[0] if found else None
    return await _page(request, show, found, first, chosen=False, done=notice, older=older)


@get("/actions/{id:str}", role="viewer")
async def action(
    request: Request[Any, Any, Any], id: FromPath[str], show: FromQuery[str] = "", done: FromQuery[str] = ""
) -> Template:
    """Show one action beside its list."""
    layer = layer_of(request)
    found = await layer.action(id)
    if found is None:
        raise Faulty(404, "unknown-action", f"There is no action {id}.")
    notice = await _notice(layer, id) if done else ""
    return await _with_list(request, found, show, done=notice)


@post("/actions/{id:str}/verdict", role="operator", status_code=303)
async def verdict(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[Any]:
    """Let the verdict of the form count, or show again what is there now."""
    form = await checked_form(request)
    layer, actor = layer_of(request), actor_of(request)
    before = await layer.action(id)
    name = form.get("verdict", "")
    if before is None or name not in VERDICTS:
        raise Faulty(404, "unknown-action", f"There is no action {id}.")
    edit = {key[5:]: value for key, value in form.items() if key.startswith("edit.")}
    changed = {key: value for key, value in edit.items() if value != before.payload.get(key)}
    word = Verdict(
        action=id,
        verdict=name,  # type: ignore[arg-type]  # one of VERDICTS
        digest=form.get("digest", ""),
        by=actor.id,
        channel="web",
        at=layer.clock.now(),
        reason=form.get("reason", ""),
        edit=changed if name == "edit" else None,
        to=form.get("to", ""),
    )
    outcome = await layer.decide(word, actor)
    if isinstance(outcome, outcomes.Decided):
        again = outcome.action.state == cards.DECIDABLE
        return Redirect(f"/actions/{id}?done=1" if again else f"/inbox?done={id}", status_code=303)
    if isinstance(outcome, outcomes.NotThisPerson):
        await layer.denied(actor, f"{name} {id}", outcome.reason)
    status, refused = _refused(outcome, Words(layer.timezone))
    current = await layer.action(id) or before
    return await _with_list(request, current, "", status=status, refused=refused, edit=edit if name == "edit" else {})


async def _list(layer: Layer, show: str, after: str = "") -> tuple[list[Action], str]:
    states = TABS[show][1]
    found: list[Action] = []
    for state in states:
        found += await layer.actions(state=state, after=after if len(states) == 1 else "", limit=PAGE + 1)
    more = len(states) == 1 and len(found) > PAGE
    found = sorted(found, key=lambda each: (each.created_at, each.id), reverse=True)[:PAGE]
    return found, f"/inbox?show={show}&after={found[-1].id}" if more else ""


def tab_of(state: str) -> str:
    """Return the tab that shows actions of a state."""
    return next((name for name, (_, states, _) in TABS.items() if state in states), "all")


async def _with_list(request: Request[Any, Any, Any], chosen: Action, show: str, **more: Any) -> Template:  # noqa: ANN401
    show = show if show in TABS else tab_of(chosen.state)
    found, older = await _list(layer_of(request), show)
    return await _page(request, show, found, chosen, chosen=True, older=older, **more)


async def _page(
    request: Request[Any, Any, Any],
    show: str,
    found: list[Action],
    one: Action | None,
    *,
    chosen: bool,
    done: str = "",
    older: str = "",
    status: int = 200,
    refused: Refusal | None = None,
    edit: dict[str, str] | None = None,
) -> Template:
    layer, actor = layer_of(request), actor_of(request)
    words, now = Words(layer.timezone), layer.clock.now()
    subjects = await cards.names(layer, (each.key.subject for each in found))
    counts = (await layer.today()).states
    tabs = [
        {
            "name": name,
            "title": title,
            "count": sum(counts.get(state, 0) for state in states) if name in ("waiting", "unclear") else 0,
        }
        for name, (title, states, _) in TABS.items()
    ]
    return page(
        request,
        "inbox.html",
        status,
        here="/inbox",
        tabs=tabs,
        show=show,
        items=[cards.item(each, subjects, words, now) for each in found],
        card=await cards.card(layer, one, actor) if one else None,
        chosen=chosen,
        done=done,
        older=older,
        nothing=TABS[show][2],
        refused=refused,
        edit=edit or {},
    )


async def _notice(layer: Layer, id: str) -> str:
    found = await layer.action(id)
    if found is None or not found.history:
        return ""
    subjects = await cards.names(layer, [found.key.subject])
    what = cards.will_do(found, subjects.get(found.key.subject, found.key.subject))
    last = found.history[-1].state
    edited = f"saved as version {found.version}, which waits for approval"
    return f"{what}: {edited if last == 'edited' else NOTED.get(last, found.state)}."


def _refused(outcome: outcomes.DecideOutcome, words: Words) -> tuple[int, Refusal]:
    match outcome:
        case outcomes.AlreadyDecided(action=action, by=by, at=at):
            detail = f"{by} was faster, at {words.moment(at)}; it is {action.state}."
            return 409, Refusal("warn", "Already decided", detail)
        case outcomes.StaleDigest(differences=differences):
            rows = [(label(each.key), words.value(each.shown), words.value(each.current)) for each in differences]
            detail = "Nothing was decided. This is what there is now; look and decide again."
            return 412, Refusal("warn", "It changed while you looked", detail, rows)
        case outcomes.NotThisPerson(reason=reason):
            return 403, Refusal("bad", "Not yours to decide", reason)
        case outcomes.NotEditable(problems=problems) | outcomes.BadVerdict(problems=problems):
            return 422, Refusal("bad", "This cannot be done like this", " ".join(each.message for each in problems))
        case _:
            raise Faulty(404, "unknown-action", "There is no such action any more.")
