"""Web sessions: a cookie that only the server reads, a token in every form, and the same roles as the API."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec
from litestar import Request
from litestar.datastructures import Cookie, FormMultiDict
from litestar.handlers import BaseRouteHandler

from api.auth import PUBLIC, allows
from api.problems import Faulty
from api.served import Connection, layer_of, served_of

COOKIE = "opslayer_session"
HOURS = 12


class SignInFirst(Exception):
    """Nobody is signed in."""


def secret_of(connection: Connection) -> str:
    """Return the session's secret, "" when there is none."""
    return connection.cookies.get(COOKIE, "")


def session_cookie(connection: Connection, secret: str, *, ends: bool = False) -> Cookie:
    """Return the cookie that carries, or ends, a session."""
    return Cookie(
        key=COOKIE,
        value=secret,
        path="/",
        httponly=True,
        samesite="lax",
        secure=by_tls(connection),
        max_age=0 if ends else HOURS * 3600,
    )


def by_tls(connection: Connection) -> bool:
    """Whether the browser came by https: as was said at the start, or as a proxy says that is believed."""
    return served_of(connection).secure or connection.url.scheme == "https"


def form_token(secret: str) -> str:
    """Return the token that proves a form came from our page to this browser (OWASP: HMAC bound to the session)."""
    return hmac.new(secret.encode(), b"opslayer form", hashlib.sha256).hexdigest()


async def web_guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let a signed-in person pass whose role reaches the page's; a page that names no role is closed."""
    needed = handler.opt.get("role")
    if needed == PUBLIC:
        return
    layer = layer_of(connection)
    secret = secret_of(connection)
    actor = await layer.authenticate(secret) if secret else None
    if actor is None or actor.key_kind != "session":
        raise SignInFirst
    if needed is None or not allows(actor, needed):
        await layer.denied(actor, f"{connection.scope.get('method', '')} {connection.url.path}", f"needs {needed}")
        raise Faulty(403, "forbidden", f"This needs the role {needed}.")
    connection.scope["user"] = msgspec.structs.replace(actor, channel="web")


async def checked_form(request: Request[Any, Any, Any], secret: str = "") -> Mapping[str, str]:
    """Return the form's fields; raises Faulty 403 when it did not come from our page."""
    _same_site(request)
    form = cast("Mapping[str, Any]", await request.form())
    fields = {name: value.replace("\r\n", "\n") for name, value in form.items() if isinstance(value, str)}
    key = secret or secret_of(request)
    if not key or not hmac.compare_digest(fields.get("csrf", "").encode(), form_token(key).encode()):
        raise Faulty(403, "form-expired", "This form is too old or did not come from this page. Go back and reload.")
    return fields


async def form_of(request: Request[Any, Any, Any]) -> FormMultiDict:
    """Return the form with every value of a field that comes more than once; not checked by itself."""
    return await request.form()


def _same_site(request: Request[Any, Any, Any]) -> None:
    origin = request.headers.get("origin")
    host = urlsplit(origin).netloc if origin else ""
    foreign = origin is not None and host != request.headers.get("host", "")
    if foreign or request.headers.get("sec-fetch-site") == "cross-site":
        raise Faulty(403, "foreign-form", "Forms are taken from this site only.")
