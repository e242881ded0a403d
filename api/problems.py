"""Errors of the HTTP API as RFC 9457 problem details, for every status and every route."""

import errno
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import msgspec
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException

from api.faults import PREFIX, problem_out
from api.outcomes import FORBIDDEN
from engine.ports import StoreUnavailable
from engine.source.problem import ConfigError, Problem

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger("opslayer.api")


class Faulty(Exception):
    """A request that cannot be served: status, stable code, detail, and members of its own."""

    def __init__(
        self, status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: object
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members


def from_problems(status: int, problems: Sequence[Problem]) -> Faulty:
    """Return the first problem as the answer, and all of them in `problems`."""
    first = problems[0] if problems else Problem("refused", "This cannot be done.")
    status = 403 if first.code in FORBIDDEN else status
    members: dict[str, Any] = {"problems": [problem_out(each) for each in problems]}
    if first.place:
        members["where"] = str(first.place)
    return Faulty(status, first.code, first.message, **members)


def response(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **members: object
) -> Response[bytes]:
    """Return a problem response."""
    title = code.replace("-", " ").capitalize()
    body = {"type": PREFIX + code, "title": title, "status": status, "detail": detail, **members}
    return Response(
        msgspec.json.encode(body), status_code=status, media_type=MEDIA_TYPE, headers={**(headers or {}), **_SAFE}
    )


_AGAIN_SECONDS = 5
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_SAFE = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


def on_faulty(_: Request[Any, Any, Any], error: Faulty) -> Response[bytes]:
    """Answer a fault that a route found."""
    return response(error.status, error.code, error.detail, error.headers, **error.members)


def on_http(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer what the framework refused: unknown routes, methods, bodies and parameters."""
    status = HTTPStatus(error.status_code)
    if isinstance(error, ValidationException):
        faults = [
            f"{each.get('key', '')}: {each.get('message', '')}" for each in error.extra or [] if isinstance(each, dict)
        ]
        return response(422, "invalid-request", "; ".join(faults) or error.detail)
    code = status.phrase.lower().replace(" ", "-").replace("'", "")
    detail = error.detail if status.value < 500 else "The layer could not answer."
    return response(status.value, code, detail or status.phrase, error.headers)


def on_config(_: Request[Any, Any, Any], error: ConfigError) -> Response[bytes]:
    """Answer that the configuration has faults, with their places."""
    return on_faulty(_, from_problems(422, error.problems))


def on_store(_: Request[Any, Any, Any], error: StoreUnavailable) -> Response[bytes]:
    """Answer that the database cannot be used, and when to come again; the message says what was stored."""
    return response(503, "database-unavailable", str(error), {"Retry-After": str(_AGAIN_SECONDS)})


def without_token(path: str) -> str:
    """Return a path fit for a log: what opens a door by itself is left out."""
    return next((f"{door}..." for door in ("/decide/", "/sign-in/once/") if path.startswith(door)), path)


def on_any(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer what nobody expected: an id to look for in the log, and nothing of the inside."""
    if isinstance(error, OSError) and error.errno in _FULL:
        _log.error("%s %s: the disk is full", request.method, without_token(request.url.path))
        told = "The disk is full; make room, then try again. Nothing of this was kept."
        return response(503, "disk-full", told, {"Retry-After": str(_AGAIN_SECONDS)})
    id = uuid4().hex
    _log.error("%s %s failed (%s)", request.method, without_token(request.url.path), id, exc_info=error)
    detail = "Something failed that should not. The log has it under this id."
    return response(500, "internal-error", detail, instance=f"urn:uuid:{id}")


HANDLERS: dict[Any, Any] = {
    Faulty: on_faulty, ConfigError: on_config, StoreUnavailable: on_store, HTTPException: on_http, Exception: on_any,
}  # fmt: skip
JSON = MediaType.JSON
