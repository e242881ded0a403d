"""The page behind a link in a mail: looking decides nothing, nothing is chosen beforehand, one word counts once.

Mail scanners fetch links, run scripts and submit forms as they stand; so the page has no script and no default choice.
"""

from typing import Any, cast

from litestar import HttpMethod, Request, post, route
from litestar.params import FromPath
from litestar.response import Template

from api import outcomes
from api.auth import PUBLIC
from api.problems import Faulty
from api.served import layer_of, served_of
from api.views import Asked
from api.web import items
from api.web.inbox.list import standing
from api.web.pages import HEADERS, page, speech
from api.words import Words

PRIVATE = {
    **HEADERS,
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Content-Security-Policy": HEADERS["Content-Security-Policy"]
    .replace("script-src 'self'; ", "")
    .replace("connect-src 'self'; ", ""),
}
GONE = "This link is not valid any more. Look into the inbox, or wait for the next mail."


@route("/decide/{token:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], role=PUBLIC)
async def asked_page(request: Request[Any, Any, Any], token: FromPath[str]) -> Template:
    """Show what the link asks."""
    return await _page(request, token)


@post("/decide/{token:str}", role=PUBLIC, status_code=200)
async def answered(request: Request[Any, Any, Any], token: FromPath[str]) -> Template:
    """Let the choice of the form count; without one nothing happens."""
    tries, host = served_of(request).link_tries, request.client.host if request.client else ""
    wait = tries.wait(host)
    if wait:
        raise Faulty(429, "too-many-tries", "Too many tries; wait.", headers={"Retry-After": str(wait)})
    form = cast("dict[str, Any]", await request.form())
    choice, code, reason = (str(form.get(name) or "") for name in ("choice", "code", "reason"))
    words = speech(request)
    say = words.say
    outcome = await layer_of(request).decide_by_link(token, choice, code[:20], reason[:1000])
    match outcome:
        case outcomes.Decided(action=action):
            said = say("Approved.") if choice == "approve" else say("Rejected.")
            return await _page(
                request, token, done=f"{said} {say('It is {state}.', state=standing(action.state, words))}"
            )
        case outcomes.AlreadyDecided(action=action, by=by, at=at):
            told = say(
                "{by} was faster, at {moment}; it is {state}.",
                by=by,
                moment=words.moment(at),
                state=standing(action.state, words),
            )
            return await _page(request, token, 409, refused=told)
        case outcomes.StaleDigest():
            return await _page(
                request, token, 412, refused=say("It changed after the mail went out. Nothing was decided.")
            )
        case outcomes.NotThisPerson(reason=why):
            tries.failed(host)
            return await _page(request, token, 403, refused=words.sentence(why))
        case outcomes.BadVerdict(problems=problems) | outcomes.NotEditable(problems=problems):
            return await _page(request, token, 422, refused=" ".join(map(words.problem, problems)))
        case _:
            raise Faulty(404, "unknown-link", GONE)


async def _page(
    request: Request[Any, Any, Any], token: str, status: int = 200, *, refused: str = "", done: str = ""
) -> Template:
    layer = layer_of(request)
    found = await layer.asked(token)
    if found is None:
        raise Faulty(404, "unknown-link", GONE, headers={"Referrer-Policy": "no-referrer"})
    words = speech(request, layer.labels((found.action.key.subject,)))
    shown = page(
        request,
        "asked.html",
        status,
        words,
        asked=found,
        title=items.will_do(found.action, words.subject(found.action.key.subject), words),
        payload=_payload(found, words),
        open=found.current and not done,
        refused=refused,
        done=done,
        state=standing(found.action.state, words),
    )
    shown.headers.update(PRIVATE)
    return shown


def _payload(found: Asked, words: Words) -> list[tuple[str, str]]:
    return [(words.label(key), words.value(value)) for key, value in found.action.payload.items()]
