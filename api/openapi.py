"""The OpenAPI document, completed with what routes read by themselves: request bodies and problems."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin

from api.cloudevents import BATCH, SINGLE
from api.problems import MEDIA_TYPE
from api.routes.actions import CommentIn, SettleIn, UndoIn, VerdictIn
from api.routes.configuration import CheckIn, DiffIn
from api.routes.control import TAR, BundleIn, ClockIn, SwitchIn
from api.routes.desk import AwayIn, PreviewIn, VerdictsIn

JSON = "application/json"


class CloudEvent(msgspec.Struct, kw_only=True):
    """A changed or deleted record as CloudEvents 1.0; `subject` is STREAM/KEY, `data` the record."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: Literal["record.changed", "record.deleted"]
    subject: str
    time: str | msgspec.UnsetType = msgspec.UNSET
    datacontenttype: str | msgspec.UnsetType = msgspec.UNSET
    data: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


class ProblemDetails(msgspec.Struct, kw_only=True):
    """RFC 9457; further members depend on `type`."""

    type: str
    title: str
    status: int
    detail: str


BODIES: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("/api/v1/events", "post"): {SINGLE: CloudEvent, BATCH: list[CloudEvent]},
    ("/api/v1/actions/{id}/verdict", "post"): {JSON: VerdictIn},
    ("/api/v1/actions/{id}/settle", "post"): {JSON: SettleIn},
    ("/api/v1/actions/{id}/undo", "post"): {JSON: UndoIn},
    ("/api/v1/actions/{id}/comment", "post"): {JSON: CommentIn},
    ("/api/v1/actions/{id}/preview", "post"): {JSON: PreviewIn},
    ("/api/v1/actions/verdicts", "post"): {JSON: VerdictsIn},
    ("/api/v1/people/{id}/away", "put"): {JSON: AwayIn},
    ("/api/v1/kill-switches/{what}", "put"): {JSON: SwitchIn},
    ("/api/v1/config/check", "post"): {JSON: CheckIn},
    ("/api/v1/config/diff", "post"): {JSON: DiffIn},
    ("/api/v1/bundles", "post"): {JSON: BundleIn, TAR: bytes},
    ("/api/v1/clock", "post"): {JSON: ClockIn},
}
OPTIONAL = {
    ("/api/v1/bundles", "post"), ("/api/v1/config/check", "post"), ("/api/v1/config/diff", "post"),
}  # fmt: skip


class WholeDocument(JsonRenderPlugin):
    """Serves the completed document."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the document as JSON."""
        return super().render(request, completed(openapi_schema))


def completed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the framework's document with request bodies and the problem that any call may answer."""
    kinds = [kind for bodies in BODIES.values() for kind in bodies.values()]
    shapes, schemas = msgspec.json.schema_components(
        [*kinds, ProblemDetails], ref_template="#/components/schemas/{name}"
    )
    found = iter(shapes)
    bodies = {call: {media: {"schema": next(found)} for media in kinds} for call, kinds in BODIES.items()}
    problem = {"description": "A problem", "content": {MEDIA_TYPE: {"schema": next(found)}}}
    paths = {
        path: {
            method: _call(operation, bodies.get((path, method)), (path, method), problem)
            for method, operation in calls.items()
        }
        for path, calls in document["paths"].items()
    }
    components = document["components"]
    return {**document, "paths": paths, "components": {**components, "schemas": {**components["schemas"], **schemas}}}


def _call(
    operation: Mapping[str, Any], content: Mapping[str, Any] | None, call: tuple[str, str], problem: Mapping[str, Any]
) -> dict[str, Any]:
    good = {code: answer for code, answer in operation["responses"].items() if code.startswith("2")}
    whole = {**operation, "responses": {**good, "default": problem}}
    if content:
        whole["requestBody"] = {"required": call not in OPTIONAL, "content": content}
    return whole
