"""The HTTP application over one layer: API, health, web."""

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.datastructures import State
from litestar.handlers import ASGIRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from api.auth import PUBLIC, api_guard
from api.bodies import MAX_BYTES
from api.mcp.door import Lifespan, door
from api.openapi import WholeDocument
from api.problems import HANDLERS
from api.routes import (
    actions,
    configuration,
    control,
    desk,
    evals,
    events,
    health,
    hooks,
    identity,
    knowledge,
    metrics,
    unified,
    watched,
)
from api.served import Served
from api.web.pages import as_page, templates, wants_page
from api.web.routes import static_router, web_router

Handler = Callable[[Request[Any, Any, Any], Any], Response[Any]]
ROUTES = [
    events.events,
    hooks.delivered,
    hooks.greeted,
    knowledge.entity,
    knowledge.customer,
    knowledge.decisions,
    knowledge.decision,
    knowledge.funnel,
    actions.actions,
    unified.customer_live,
    identity.reviews,
    identity.merge,
    identity.split,
    identity.apart,
    actions.action,
    actions.verdict,
    actions.settle,
    actions.undo,
    actions.claim,
    actions.comment,
    desk.inbox,
    desk.preview,
    desk.verdicts,
    desk.dossier,
    desk.standing,
    desk.lift,
    desk.people,
    desk.away,
    evals.drift,
    evals.candidates,
    evals.harvest,
    evals.settle,
    control.kill_switches,
    control.kill_switch,
    control.set_kill_switch,
    control.audits,
    control.audit,
    control.seconds,
    control.second,
    control.stage,
    control.autonomy,
    control.request_stage,
    control.promote,
    control.demote,
    control.carry,
    configuration.in_force,
    configuration.config_file,
    configuration.config_history,
    configuration.config_check,
    configuration.config_diff,
    configuration.follow,
    configuration.bundle,
    configuration.release,
    control.bundles,
    control.make_bundle,
    control.rollback,
    control.activate,
    control.clock,
    watched.watched,
]
ABOUT = """\
Values are plain JSON: numbers where a JSON number is exact, else their digits as text; money is
`{"amount": "12.50", "currency": "TRY"}`; dates, times and durations are ISO 8601. Errors are RFC 9457 problems."""


def create_app(served: Served) -> Litestar:
    """Return the ASGI application; the caller opens and closes the layer."""
    api = Router("/api/v1", route_handlers=ROUTES, guards=[api_guard])
    scraped = Router("/", route_handlers=[metrics.metrics], guards=[api_guard])
    open_to_all = Router("/", route_handlers=[health.live, health.ready], opt={"role": PUBLIC})
    entries, around = _assistants(served)
    return Litestar(
        [api, scraped, open_to_all, web_router(), static_router(), *entries],
        lifespan=around,
        middleware=[served.metrics.middleware, served.gate.middleware],
        state=State({"served": served}),
        exception_handlers={kind: _for_whom(handler) for kind, handler in HANDLERS.items()},
        template_config=templates(),
        openapi_config=_openapi(),
        request_max_body_size=MAX_BYTES,
        logging_config=None,
    )


def create_watch_app(served: Served) -> Litestar:
    """Return the application of a process that only works: health and metrics."""
    scraped = Router("/", route_handlers=[metrics.metrics], guards=[api_guard])
    open_to_all = Router("/", route_handlers=[health.live, health.ready], opt={"role": PUBLIC})
    return Litestar(
        [scraped, open_to_all],
        state=State({"served": served}),
        exception_handlers=dict(HANDLERS),
        openapi_config=None,
        logging_config=None,
    )


def _assistants(served: Served) -> tuple[list[ASGIRouteHandler], list[Lifespan]]:
    """Return the door for assistants where the home opens it; the protocol's library is not read otherwise."""
    if not served.layer.mcp:
        return [], []
    entry, running = door()
    return [entry], [running]


def _for_whom(handler: Handler) -> Handler:
    def answer(request: Request[Any, Any, Any], error: Any) -> Response[Any]:  # noqa: ANN401  (any exception)
        problem = handler(request, error)
        return as_page(request, problem) if wants_page(request) else problem

    return answer


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="opslayer",
        version=_version(),
        description=ABOUT,
        security=[{"bearer": []}],
        components=Components(security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")}),
        use_handler_docstrings=True,
        openapi_router=Router("/api/v1/schema", route_handlers=[], guards=[api_guard], opt={"role": "viewer"}),
        render_plugins=[WholeDocument()],
    )


def _version() -> str:
    try:
        return version("opslayer")
    except PackageNotFoundError:
        return "0"
