"""What a person says of an action: the forms of the inbox."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast, get_args

from litestar import Request, post
from litestar.params import FromPath
from litestar.response import Redirect, Response

from api import outcomes
from api.auth import actor_of
from api.facade import Layer
from api.insight.sifting import Sieve, tab_of
from api.problems import Faulty
from api.served import layer_of
from api.views import Actor
from api.web import items
from api.web.inbox.list import BULK, Refusal, show_page, standing
from api.web.pages import speech
from api.web.session import checked_form, form_of
from api.words import Words
from approvals.verdicts import Preview
from engine.events import Action, Verdict

VERDICTS = ("approve", "edit", "reject", "delegate", "snooze")


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
        code=form.get("code", "") if name == "reject" else "",
    )
    outcome = await layer.decide(word, actor)
    return await after(request, before, outcome, form, edit if name == "edit" else {})


@post("/actions/{id:str}/undo", role="operator", status_code=303)
async def undo(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[Any]:
    """Take an approval back as long as nothing was sent."""
    return await _said(request, id, lambda layer, actor, _form: layer.undo(id, actor))


@post("/actions/{id:str}/claim", role="operator", status_code=303)
async def claim(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[Any]:
    """Tell the others that this person looks after it."""
    return await _said(request, id, lambda layer, actor, _form: layer.claim(id, actor))


@post("/actions/{id:str}/comment", role="operator", status_code=303)
async def comment(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[Any]:
    """Leave a remark."""
    return await _said(request, id, lambda layer, actor, form: layer.comment(id, form.get("text", ""), actor))


@post("/actions/{id:str}/settle", role="operator", status_code=303)
async def settle(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[Any]:
    """Say what became of an unclear action."""
    word = (await checked_form(request)).get("word", "")
    if word not in get_args(outcomes.Settling):
        raise Faulty(404, "unknown-word", "There is no such choice.")
    settling = cast("outcomes.Settling", word)
    return await _said(
        request,
        id,
        lambda layer, actor, form: layer.settle(id, settling, actor, form.get("reason", ""), form.get("to", "")),
    )


@post("/actions/{id:str}/guard", role="operator", status_code=200)
async def guard(request: Request[Any, Any, Any], id: FromPath[str]) -> dict[str, Any]:
    """Say what the guards think of an edit while it is written; nothing is decided."""
    form = await checked_form(request)
    layer, words = layer_of(request), speech(request)
    action = await _known(layer, id)
    edit = {key[5:]: value for key, value in form.items() if key.startswith("edit.")}
    changed = {key: value for key, value in edit.items() if value != action.payload.get(key)}
    if not changed:
        return {"ok": True, "said": []}
    found = await layer.preview(id, changed, actor_of(request))
    if not isinstance(found, Preview):
        return {"ok": False, "said": [words.say("There is no such action any more.")]}
    said = [words.problem(each) for each in (*found.problems, *found.warnings)]
    return {"ok": not found.problems, "said": said or [words.say("The guards have nothing against it.")]}


@post("/inbox/bulk", role="operator", status_code=303)
async def bulk(request: Request[Any, Any, Any]) -> Response[Any]:
    """Approve or reject several, each checked by itself under the digest that was shown."""
    form = await checked_form(request)
    layer, actor = layer_of(request), actor_of(request)
    name = form.get("verdict", "")
    chosen = [each.partition(" ") for each in (await form_of(request)).getall("chosen", [])][:BULK]
    words = [
        Verdict(
            action=id, verdict=name, digest=digest, by=actor.id, channel="bulk", at=layer.clock.now(),  # type: ignore[arg-type]  # one of three
            reason=form.get("reason", ""), to=form.get("to", ""),
        )
        for id, _, digest in (chosen if name in ("approve", "reject", "snooze") else ())
    ]  # fmt: skip
    answers = await layer.decide_many(words, actor) if words else ()
    done = sum(isinstance(each, outcomes.Decided) for each in answers)
    failed = len(answers) - done
    return Redirect(f"/inbox?{_back(form)}done=bulk-{done}-{failed}", status_code=303)


async def _said(
    request: Request[Any, Any, Any],
    id: str,
    say: Callable[[Layer, Actor, Mapping[str, str]], Awaitable[outcomes.DecideOutcome]],
) -> Response[Any]:
    """Let the word of a form reach the layer, and go on or show again what is there."""
    form = await checked_form(request)
    layer = layer_of(request)
    before = await _known(layer, id)
    return await after(request, before, await say(layer, actor_of(request), form), form)


async def _known(layer: Layer, id: str) -> Action:
    found = await layer.action(id)
    if found is None:
        raise Faulty(404, "unknown-action", f"There is no action {id}.")
    return found


async def after(
    request: Request[Any, Any, Any],
    before: Action,
    outcome: outcomes.DecideOutcome,
    form: Mapping[str, str],
    edit: Mapping[str, str] | None = None,
) -> Response[Any]:
    """Go on to the next one that waits when this one is decided, else show it again."""
    layer = layer_of(request)
    if isinstance(outcome, outcomes.Decided):
        back = _back(form)
        if outcome.action.state != items.DECIDABLE and before.state == items.DECIDABLE:
            return Redirect(f"/inbox?{back}done={before.id}", status_code=303)
        return Redirect(f"/actions/{before.id}?done={before.id}", status_code=303)
    status, refused = _refused(outcome, speech(request))
    current = await layer.action(before.id) or before
    sieve = Sieve(show=tab_of(current.state))
    return await show_page(request, sieve, current, chosen=True, status=status, refused=refused, edit=edit)


def _back(form: Mapping[str, str]) -> str:
    """Return the list's query that the form came from; only known names pass."""
    query = Sieve.of({name[5:]: value for name, value in form.items() if name.startswith("list.")}).query()
    return f"{query}&" if query else ""


def _refused(outcome: outcomes.DecideOutcome, words: Words) -> tuple[int, Refusal]:
    say = words.say
    match outcome:
        case outcomes.AlreadyDecided(action=action, by=by, at=at):
            told = say(
                "{by} was faster, at {moment}; it is {state}.",
                by=by,
                moment=words.moment(at),
                state=standing(action.state, words),
            )
            return 409, Refusal("warn", say("Already decided"), told)
        case outcomes.StaleDigest(differences=differences):
            rows = [(words.label(each.key), words.value(each.shown), words.value(each.current)) for each in differences]
            told = say("Nothing was decided. This is what there is now; look and decide again.")
            return 412, Refusal("warn", say("It changed while you looked"), told, rows)
        case outcomes.NotThisPerson(reason=reason):
            return 403, Refusal("bad", say("Not yours to decide"), words.sentence(reason))
        case outcomes.NotEditable(problems=problems) | outcomes.BadVerdict(problems=problems):
            told = " ".join(map(words.problem, problems))
            return 422, Refusal("bad", say("This cannot be done like this"), told)
        case _:
            raise Faulty(404, "unknown-action", "There is no such action any more.")
