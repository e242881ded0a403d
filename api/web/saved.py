"""What a person keeps of the web: filters by name, language and colours."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from api.auth import actor_of
from api.facade import Layer
from api.problems import Faulty
from api.served import layer_of
from api.speech.catalogue import LANGUAGES
from api.views import Actor
from api.web.pages import LANGUAGE, THEME, THEMES
from api.web.session import by_tls, checked_form

MOST = 30
YEAR = 365 * 24 * 3600


PLACES = ("inbox", "customers", "workflows", "report", "search", "queue")
"""The pages whose filters may be kept; what is kept of `workflows` holds for each of them."""


async def filters(layer: Layer, actor: Actor, about: str) -> list[tuple[str, str]]:
    """Return the person's filters of a page: name and address."""
    kept = await layer.preference(actor.id, f"filters:{about}") or []
    return [(str(name), _address(about, str(query))) for name, query in kept]


def _address(about: str, kept: str) -> str:
    """Return where a filter leads; of the inbox only the query is kept."""
    return kept if kept.startswith("/") else f"/{about}?{kept}"


@post("/filters", role="viewer", status_code=303)
async def keep_filter(request: Request[Any, Any, Any]) -> Redirect:
    """Keep a page as it is narrowed under a name, or let go of it."""
    form = await checked_form(request)
    layer, actor = layer_of(request), actor_of(request)
    base = form.get("about", "") or "/inbox"
    about = base.strip("/").partition("/")[0]
    if about not in PLACES or not _own(base):
        raise Faulty(404, "unknown-page", f"Filters of {base} are not kept.")
    name, query = form.get("name", "").strip()[:60], form.get("query", "")[:500]
    address = f"{base}?{query}" if query else base
    kept = [each for each in await filters(layer, actor, about) if each[0] != name]
    if name and not form.get("drop"):
        kept = [*kept, (name, address)][-MOST:]
    await layer.set_preference(actor.id, f"filters:{about}", kept)
    return Redirect(address, status_code=303)


def _own(path: str) -> bool:
    return path.startswith("/") and not path.startswith(("//", "/\\")) and "\r" not in path and "\n" not in path


@post("/appearance", role="public", status_code=303)
async def appearance(request: Request[Any, Any, Any]) -> Redirect:
    """Choose language and colours; kept in cookies, so that they hold before signing in, too."""
    form = await request.form()
    cookies = []
    for name, field, known in ((LANGUAGE, "language", LANGUAGES), (THEME, "theme", THEMES)):
        chosen = str(form.get(field) or "")
        if chosen in known:
            secure = by_tls(request)
            cookies.append(Cookie(key=name, value=chosen, path="/", samesite="lax", secure=secure, max_age=YEAR))
    back = urlsplit(str(form.get("back") or "/today"))
    own = back.path if _own(back.path) and not back.netloc else "/"
    return Redirect(own + (f"?{back.query}" if back.query else ""), status_code=303, cookies=cookies)
