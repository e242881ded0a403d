"""HTML pages: templates, the headers that keep them safe, and error pages."""

from pathlib import Path
from typing import Any

import jinja2
import msgspec
from litestar import Request, Response
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template.config import TemplateConfig

from api.served import Connection, layer_of
from api.web.session import form_token, secret_of

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
OUTSIDE_THE_WEB = ("/api", "/health")


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


def page(request: Connection, name: str, status: int = 200, **context: object) -> Template:
    """Return a page with what every page shows."""
    secret = secret_of(request)
    always: dict[str, Any] = {
        "company": layer_of(request).company,
        "actor": request.scope.get("user"),
        "csrf": form_token(secret) if secret else "",
        "here": "/" + request.url.path.split("/")[1],
    }
    return Template(name, context=always | context, status_code=status, headers=HEADERS)


def wants_page(request: Connection) -> bool:
    """Whether an answer should be a page for a person rather than a problem for a program."""
    path = request.url.path
    return not path.startswith(OUTSIDE_THE_WEB) and "text/html" in request.headers.get("accept", "")


def as_page(request: Request[Any, Any, Any], problem: Response[bytes]) -> Response[Any]:
    """Return a problem as a page."""
    body = msgspec.json.decode(problem.content)
    return page(request, "error.html", problem.status_code or 500, title=body["title"], detail=body["detail"])
