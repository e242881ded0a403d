"""POST /api/v1/events: changed and deleted records as CloudEvents."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, post

from api import cloudevents
from api.bodies import decode, media_type
from api.facade import Layer
from api.problems import Faulty, problem_out
from api.routes.shapes import EventsOut, RejectedOut
from api.served import layer_of
from engine.events import Record
from engine.source.problem import Problem


@post("/events", role="operator", status_code=202, summary="Take in changed or deleted records (CloudEvents 1.0)")
async def events(request: Request[Any, Any, Any]) -> Response[EventsOut]:
    """Answer once what came in and all it causes is durable; `(source, id)` is the dedupe key.

    Content types: application/cloudevents+json, application/cloudevents-batch+json, or application/json with `ce-`
    headers. A batch is taken in part; a single event that is none is refused with 422.
    """
    received = await _events(request)
    single = media_type(request) != cloudevents.BATCH
    parsed = [cloudevents.to_record(event) for event in received]
    if single and isinstance(parsed[0], Problem):
        fault = problem_out(parsed[0])
        rejected = [RejectedOut(0, fault)]
        raise Faulty(422, parsed[0].code, parsed[0].message, accepted=0, duplicates=0, rejected=rejected)
    return Response(await _take_in(layer_of(request), parsed), status_code=202)


async def _events(request: Request[Any, Any, Any]) -> Sequence[object]:
    kind = media_type(request)
    binary = kind == "application/json" and "ce-specversion" in request.headers
    if kind not in (cloudevents.SINGLE, cloudevents.BATCH) and not binary:
        detail = f"Send {cloudevents.SINGLE}, {cloudevents.BATCH}, or application/json with ce- headers."
        raise Faulty(415, "unsupported-media-type", detail)
    raw = await request.body()
    if binary:
        return [cloudevents.from_headers(request.headers, decode(raw, Any) if raw.strip() else None)]
    body = decode(raw, Any)
    if kind == cloudevents.SINGLE:
        return [body]
    if not isinstance(body, list):
        raise Faulty(422, "not-a-batch", "A batch is a JSON array of events.")
    if len(body) > cloudevents.MAX_BATCH:
        raise Faulty(413, "batch-too-long", f"A batch holds at most {cloudevents.MAX_BATCH} events.")
    return body


async def _take_in(layer: Layer, parsed: Sequence[Record | Problem]) -> EventsOut:
    records = [each for each in parsed if isinstance(each, Record)]
    results = iter(await layer.ingest(records)) if records else iter(())
    out = EventsOut(0, 0, [])
    for index, each in enumerate(parsed):
        if isinstance(each, Problem):
            out.rejected.append(RejectedOut(index, problem_out(each)))
            continue
        result = next(results)
        if result.status == "rejected":
            problem = result.problem or Problem("rejected", "The record could not be used.")
            out.rejected.append(RejectedOut(index, problem_out(problem)))
        elif result.status == "duplicate":
            out.duplicates += 1
        else:
            out.accepted += 1
    return out
