"""Signing in with a password or a one-time link, and out."""

import asyncio
import secrets
from datetime import timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from api.auth import PUBLIC, actor_of
from api.facade import Layer
from api.outcomes import Refused
from api.passwords import matches
from api.problems import Faulty
from api.served import layer_of, served_of
from api.views import Actor, Person
from api.web.pages import HEADERS, page, speech
from api.web.session import HOURS, by_tls, checked_form, form_token, session_cookie

BEFORE = "opslayer_door"
LONGEST_NAME = 200


@get("/sign-in", role=PUBLIC)
async def sign_in_page(request: Request[Any, Any, Any], next: FromQuery[str] = "") -> Template:
    """Ask for name and password."""
    return _door(request, next)


@post("/sign-in", role=PUBLIC, status_code=303)
async def sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """Open a session when the password matches; waits are enforced by name and by address."""
    form = await checked_form(request, request.cookies.get(BEFORE, ""))
    name, next = form.get("person", "").strip().casefold(), form.get("next", "")
    layer, tries = layer_of(request), served_of(request).sign_in_tries
    who = (name[:LONGEST_NAME], request.client.host if request.client else "")
    wait = tries.wait(*who)
    if wait:
        return _door(
            request,
            next,
            speech(request).say("Too many tries. Wait {seconds} seconds.", seconds=wait),
            429,
            {"Retry-After": str(wait)},
        )
    person = next_person(layer, name)
    stored = await layer.password_hash(person.id) if person else ""
    fits = await asyncio.to_thread(matches, stored, form.get("password", ""))
    if not fits or person is None:
        tries.failed(*who)
        await layer.denied(None, f"sign in as {name}", "wrong name or password")
        return _door(request, next, speech(request).say("That name and password do not belong together."), 401)
    tries.succeeded(*who)
    return await _open(request, person, next)


@get("/sign-in/once/{token:str}", role=PUBLIC)
async def once_page(request: Request[Any, Any, Any], token: FromPath[str]) -> Template:
    """Show who the link signs in; only the button does it, so that a look at the page uses nothing up."""
    if not served_of(request).links.valid(token):
        raise Faulty(404, "link-used", "This link was used or is too old. Start the server again for another one.")
    return _door(request, "", once=_admin_name(layer_of(request)))


@post("/sign-in/once/{token:str}", role=PUBLIC, status_code=303)
async def once(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    """Use the link up and open an admin's session."""
    await checked_form(request, request.cookies.get(BEFORE, ""))
    if not served_of(request).links.use(token):
        raise Faulty(404, "link-used", "This link was used or is too old. Start the server again for another one.")
    return await _open(request, _admin(layer_of(request)), "")


@post("/sign-out", role="viewer", status_code=303)
async def sign_out(request: Request[Any, Any, Any]) -> Redirect:
    """End the session, here and on the server."""
    await checked_form(request)
    actor = actor_of(request)
    await layer_of(request).revoke_key(actor.key_id, actor)
    ended = session_cookie(request, "", ends=True)
    return Redirect("/sign-in", status_code=303, cookies=[ended])


def next_person(layer: Layer, name: str) -> Person | None:
    """Return the person with this id, e-mail or name, compared without case."""
    for each in layer.people():
        if name and name in (each.id.casefold(), each.email.casefold(), each.name.casefold()):
            return each
    return None


def _admin(layer: Layer) -> Person | None:
    return next((each for each in layer.people() if "admin" in each.roles), None)


def _admin_name(layer: Layer) -> str:
    person = _admin(layer)
    return person.name if person else "admin"


async def _open(request: Request[Any, Any, Any], person: Person | None, next: str) -> Redirect:
    layer = layer_of(request)
    door = Actor(id=person.id if person else "local", roles=frozenset({"admin"}), channel="web", name="sign-in")
    result = await layer.create_key(
        f"web {secrets.token_hex(4)}",
        None if person else "admin",
        door,
        person=person.id if person else "",
        kind="session",
        expires_at=layer.clock.now() + timedelta(hours=HOURS),
    )
    if isinstance(result, Refused):
        raise Faulty(403, "no-session", result.problems[0].message)
    target = next if next.startswith("/") and not next.startswith(("//", "/\\")) else "/today"
    gone = Cookie(key=BEFORE, value="", path="/sign-in", max_age=0)
    return Redirect(target, status_code=303, cookies=[session_cookie(request, result.secret), gone])


def _door(
    request: Request[Any, Any, Any],
    next: str,
    message: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
    *,
    once: str = "",
) -> Template:
    secret = request.cookies.get(BEFORE, "") or secrets.token_urlsafe(24)
    shown = page(request, "sign_in.html", status, next=next, message=message, once=once, csrf=form_token(secret))
    shown.headers.update({**HEADERS, **(headers or {})})
    secure = by_tls(request)
    shown.set_cookie(Cookie(key=BEFORE, value=secret, path="/sign-in", httponly=True, samesite="strict", secure=secure))
    return shown
