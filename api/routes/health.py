"""Liveness and readiness, open to everybody and telling nobody anything of value."""

from typing import Any

from litestar import Request, Response, get

from api.auth import PUBLIC
from api.served import layer_of


@get("/health/live", role=PUBLIC, summary="The process answers")
async def live() -> dict[str, bool]:
    """Answer as long as the process runs."""
    return {"live": True}


@get("/health/ready", role=PUBLIC, summary="The layer serves")
async def ready(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """Answer 200 when everything that serving needs is open, else 503 with the reasons."""
    state = await layer_of(request).ready()
    body = {"ready": state.ready, "reasons": list(state.reasons)}
    return Response(body, status_code=200 if state.ready else 503)
