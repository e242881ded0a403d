"""/api/v1/hooks/{source}: what source systems send by themselves; each delivery proves itself."""

from typing import Any
from urllib.parse import urlunsplit

from litestar import MediaType, Request, Response, get, post
from litestar.params import FromPath

from api.auth import PUBLIC
from api.bodies import MAX_DEPTH, depth
from api.problems import Faulty
from api.received import Answered
from api.routes.shapes import DeliveredOut
from api.served import layer_of, served_of
from connectors.hooks.delivery import Delivery

PROBLEMS = {
    "denied": (401, "not-the-vendors"),
    "unknown": (404, "no-webhook"),
    "closed": (503, "webhook-closed"),
    "unreadable": (400, "bad-json"),
    "too-long": (413, "delivery-too-long"),
}
SAFE = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


@post("/hooks/{source:str}", role=PUBLIC, status_code=200, summary="Take in what a source's system sends by itself")
async def delivered(request: Request[Any, Any, Any], source: FromPath[str]) -> Response[DeliveredOut] | Response[str]:
    """Answer once the delivery is durable: whole records with all they cause, hints as what is read again.

    The source's `webhook` says how a delivery proves itself; no key is needed. Handshakes are answered.
    """
    return await _answer(request, source, await request.body())


@get("/hooks/{source:str}", role=PUBLIC, summary="Answer the handshake of a source's system")
async def greeted(request: Request[Any, Any, Any], source: FromPath[str]) -> Response[DeliveredOut] | Response[str]:
    """Send back the challenge of a handshake that proves itself."""
    return await _answer(request, source, b"")


async def _answer(request: Request[Any, Any, Any], source: str, body: bytes) -> Response[DeliveredOut] | Response[str]:
    if depth(body) > MAX_DEPTH:
        raise Faulty(400, "too-deep", f"The JSON is nested deeper than {MAX_DEPTH} levels.")
    answered = await layer_of(request).hear(source, _delivery(request, body))
    known = answered.what != "unknown"
    served_of(request).metrics.deliveries.labels(source if known else "unknown", answered.what).inc()
    if answered.what == "greeted":
        return Response(answered.text, media_type=MediaType.TEXT, status_code=200, headers={**SAFE, **answered.headers})
    if answered.what != "taken":
        await _note(request, source, answered)
        status, code = PROBLEMS[answered.what]
        raise Faulty(status, code, answered.detail)
    return Response(DeliveredOut(answered.accepted, answered.duplicates, answered.rejected), status_code=200)


async def _note(request: Request[Any, Any, Any], source: str, answered: Answered) -> None:
    """Journal a denied delivery, so many a minute of one sender: who signs wrong must not fill the journal."""
    tries, host = served_of(request).hook_tries, request.client.host if request.client else ""
    if answered.what == "denied" and not tries.wait(host):
        tries.failed(host)
        await layer_of(request).denied(None, f"{request.method} /api/v1/hooks/{source}", answered.detail)


def _delivery(request: Request[Any, Any, Any], body: bytes) -> Delivery:
    path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
    query = request.scope["query_string"].decode("latin-1")
    url = urlunsplit((request.url.scheme, request.url.netloc, path, query, ""))
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Delivery(method=request.method, url=url, headers=headers, body=body)
