"""HTML pages: templates, the headers that keep them safe, and error pages."""

from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import msgspec
from litestar import Request, Response
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template.config import TemplateConfig

from api.auth import allows
from api.served import Connection, layer_of
from api.speech.catalogue import LANGUAGES, NATIVE, preferred
from api.views import Actor
from api.web.session import form_token, secret_of
from api.words import Words
from engine.settings.people import Role

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}
OUTSIDE_THE_WEB = ("/api", "/health")
LANGUAGE = "opslayer_language"
THEME = "opslayer_theme"
THEMES = ("auto", "light", "dark")


class Place(NamedTuple):
    """One page of the menu."""

    path: str
    name: str
    key: str
    role: Role


def menu(words: Words) -> tuple[Place, ...]:
    """Return the pages in order; the key follows `g` on the keyboard."""
    say = words.say
    return (
        Place("/today", say("Today"), "t", "viewer"),
        Place("/inbox", say("Inbox"), "i", "viewer"),
        Place("/customers", say("Customers"), "c", "viewer"),
        Place("/workflows", say("Workflows"), "w", "viewer"),
        Place("/rules", say("Rules"), "r", "viewer"),
        Place("/report", say("Report"), "o", "viewer"),
        Place("/admin", say("Admin"), "a", "auditor"),
    )


def templates() -> TemplateConfig[JinjaTemplateEngine]:
    """Return the template engine: escaping always on, an unknown name is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment))


def speech(request: Connection, subjects: Any = None) -> Words:  # noqa: ANN401  (names by subject)
    """Return words in the reader's language: as chosen, else as the browser asks, else the company's."""
    layer = layer_of(request)
    asked = request.headers.get("accept-language", "")
    chosen = request.cookies.get(LANGUAGE, "")
    return Words(layer.timezone, subjects, preferred(chosen, _of_person(request), asked, layer.language), layer.called)


def _of_person(request: Connection) -> str:
    actor = request.scope.get("user")
    person = next((each for each in layer_of(request).people() if actor and each.id == actor.id), None)
    return getattr(person, "language", "") or ""


def page(request: Connection, name: str, status: int = 200, words: Words | None = None, **context: object) -> Template:
    """Return a page with what every page shows."""
    secret, words = secret_of(request), words or speech(request)
    actor: Actor | None = request.scope.get("user")
    theme = request.cookies.get(THEME, "auto")
    always: dict[str, Any] = {
        "company": layer_of(request).company,
        "actor": actor,
        "csrf": form_token(secret) if secret else "",
        "here": "/" + request.url.path.split("/")[1],
        "path": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "menu": [each for each in menu(words) if actor and allows(actor, each.role)],
        "may": lambda role: actor is not None and allows(actor, role),
        "_": words.say,
        "words": words,
        "label": words.label,
        "lang": words.say.language,
        "now": layer_of(request).clock.now(),
        "languages": [(each, NATIVE[each]) for each in LANGUAGES],
        "theme": theme if theme in THEMES else "auto",
        "static": fingerprint(),
        "part": request.headers.get("x-part", ""),
    }
    return Template(name, context=always | context, status_code=status, headers=HEADERS)


@cache
def fingerprint() -> str:
    """Return what changes when a static file does, so that browsers may keep them for long."""
    newest = max((each.stat().st_mtime_ns for each in (HERE / "static").iterdir()), default=0)
    return f"{newest:x}"[-10:]


def wants_page(request: Connection) -> bool:
    """Whether an answer should be a page for a person rather than a problem for a program."""
    path = request.url.path
    return not path.startswith(OUTSIDE_THE_WEB) and "text/html" in request.headers.get("accept", "")


def as_page(request: Request[Any, Any, Any], problem: Response[bytes]) -> Response[Any]:
    """Return a problem as a page that says what is the matter and where to go on."""
    body, status, words = msgspec.json.decode(problem.content), problem.status_code or 500, speech(request)
    detail = body["detail"] if body["detail"] != HTTPStatus(status).phrase else words.say("No page has this address.")
    wait = problem.headers.get("Retry-After", "")
    again = request.method == "GET" and status in (408, 429, 500, 502, 503)
    shown = page(
        request, "error.html", status, words, title=failing(status, words), detail=words.sentence(detail),
        wait=int(wait) if wait.isdecimal() else 0, again=again,
        instance=body.get("instance", "").rpartition(":")[2],
    )  # fmt: skip
    shown.headers.update({"Retry-After": wait} if wait else {})
    return shown


def failing(status: int, words: Words) -> str:
    """Return what a status means to a person."""
    say = words.say
    told = {
        400: say("This was not understood"), 401: say("Sign in first"), 403: say("This is not open to you"),
        404: say("There is nothing here"), 405: say("There is nothing to do here like this"),
        408: say("It took too long"), 409: say("Somebody was faster"), 412: say("It changed while you looked"),
        413: say("That is too much at once"), 422: say("This cannot be done like this"),
        429: say("Too many tries at once"), 501: say("This is not installed"), 503: say("Not to be reached right now"),
    }  # fmt: skip
    return told.get(status, say("Something went wrong") if status >= 500 else say("This did not work"))
