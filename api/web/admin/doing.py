"""What an admin does: each form comes back to its section and says what came of it."""

from typing import Any, Literal, cast
from urllib.parse import quote

from litestar import Request, post
from litestar.response import Redirect

from api.auth import actor_of
from api.outcomes import Refused
from api.served import layer_of
from api.speech.states import state_words
from api.web.pages import speech
from api.web.session import checked_form
from api.words import Words


@post("/admin/switches/change", role="admin", status_code=303)
async def switch(request: Request[Any, Any, Any]) -> Redirect:
    """Pull or release a kill switch."""
    form, words = await checked_form(request), speech(request)
    say = words.say
    on = form.get("on") == "1"
    found = await layer_of(request).set_switch(form.get("scope", ""), on, form.get("reason", ""), actor_of(request))
    done = (
        say("{scope} is stopped.", scope=form.get("scope", ""))
        if on
        else say("{scope} runs again.", scope=form.get("scope", ""))
    )
    return back(words, "switches", found, done)


@post("/admin/quarantine/change", role="admin", status_code=303)
async def quarantine(request: Request[Any, Any, Any]) -> Redirect:
    """Try a record again, or give it up."""
    form, words = await checked_form(request), speech(request)
    say = words.say
    layer, actor, id = layer_of(request), actor_of(request), form.get("id", "")
    if form.get("does") == "drop":
        gone = await layer.drop(id, actor, form.get("reason", ""))
        return back(words, "quarantine", None, say("Given up.") if gone else say("It is not there any more."))
    taken = await layer.retry(id, actor)
    if taken is None:
        return back(words, "quarantine", None, say("It is not there any more."))
    refused = Refused((taken.problem,)) if taken.problem else None
    return back(words, "quarantine", refused, say("Taken in."))


@post("/admin/autonomy/change", role="admin", status_code=303)
async def autonomy(request: Request[Any, Any, Any]) -> Redirect:
    """Ask for a stage, grant it or take it back."""
    form, words = await checked_form(request), speech(request)
    say = words.say
    step = form.get("step", "")
    if step not in ("request", "promote", "demote"):
        return back(words, "autonomy", None, say("There is no such step."), bad=True)
    ruleset, rule, action = (form.get(name, "") for name in ("ruleset", "rule", "action"))
    chosen = cast("Literal['request', 'promote', 'demote']", step)
    found = await layer_of(request).change_autonomy(ruleset, rule, action, chosen, actor_of(request))
    done = (
        ""
        if isinstance(found, Refused)
        else say(
            "{rule} is at the stage {stage} now.",
            rule=f"{ruleset}/{rule}/{action}",
            stage=state_words(words)[found.stage],
        )
    )
    return back(words, "autonomy", found, done)


@post("/admin/bundles/change", role="admin", status_code=303)
async def bundle(request: Request[Any, Any, Any]) -> Redirect:
    """Make a bundle of the folder, put one in force, or go back."""
    form, words = await checked_form(request), speech(request)
    say = words.say
    layer, actor, does = layer_of(request), actor_of(request), form.get("does", "")
    if does == "load":
        return back(
            words,
            "bundles",
            await layer.load_bundle(form.get("note", ""), actor),
            say("The bundle is kept; it is not in force yet."),
        )
    if does == "rollback":
        return back(words, "bundles", await layer.rollback_bundle(actor), say("The former revision is in force again."))
    found = await layer.activate_bundle(form.get("id", ""), actor)
    return back(
        words, "bundles", found, say("It is in force.") if found is not None else say("There is no such bundle.")
    )


@post("/admin/keys/change", role="admin", status_code=303)
async def key(request: Request[Any, Any, Any]) -> Redirect:
    """Revoke a key."""
    form, words = await checked_form(request), speech(request)
    say = words.say
    gone = await layer_of(request).revoke_key(form.get("id", ""), actor_of(request))
    return back(words, "people", None, say("The key opens nothing any more.") if gone else say("There is no such key."))


@post("/admin/standing/change", role="admin", status_code=303)
async def lift(request: Request[Any, Any, Any]) -> Redirect:
    """Let something be proposed again that was never to be."""
    form, words = await checked_form(request), speech(request)
    say = words.say
    done = await layer_of(request).lift(form.get("id", ""), actor_of(request))
    return back(words, "people", done, say("It may be proposed again.") if done else say("It is not there any more."))


def back(words: Words, section: str, found: object, done: str, *, bad: bool = False, rest: str = "") -> Redirect:
    """Return to a section with what came of the form; `rest` is more of its query."""
    said = " ".join(map(words.problem, found.problems))[:300] if isinstance(found, Refused) else done
    mark = "&bad=1" if bad or isinstance(found, Refused) else ""
    return Redirect(f"/admin/{section}?said={quote(said)}{mark}{rest}", status_code=303)
