"""POST /api/v1/events: changed and deleted records as CloudEvents."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, post

from api import cloudevents
from api.bodies import decode, media_type
from api.facade import Layer
from api.faults import problem_out
from api.problems import Faulty
from api.received import Ingested
from api.routes.shapes import EventsOut, RejectedOut
from api.served import layer_of, served_of
from engine.events import Record
from engine.source.problem import Problem
from engine.tracing import span


@post("/events", role="operator", status_code=202, summary="Take in changed or deleted records (CloudEvents 1.0)")
async def events(request: Request[Any, Any, Any]) -> Response[EventsOut]:
    """Answer once what came in and all it causes is durable; `(source, id)` is the dedupe key.

    Content types: application/cloudevents+json, application/cloudevents-batch+json, or application/json with `ce-`
    headers. A batch is taken in part; a single event that is none is refused with 422.
    """
    received = await _events(request)
    parsed = [cloudevents.to_record(event) for event in received]
    with span("accept", request.headers.get("traceparent", ""), events=len(parsed)):
        results = await _ingested(layer_of(request), parsed)
    if media_type(request) != cloudevents.BATCH and isinstance(results[0], Problem):
        rejected = [RejectedOut(0, problem_out(results[0]))]
        raise Faulty(422, results[0].code, results[0].message, accepted=0, duplicates=0, rejected=rejected)
    counted = _counted(results)
    for answer, count in (("accepted", counted.accepted), ("duplicate", counted.duplicates)):
        served_of(request).metrics.events.labels(answer).inc(count)
    served_of(request).metrics.events.labels("rejected").inc(len(counted.rejected))
    return Response(counted, status_code=202)


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


async def _ingested(layer: Layer, parsed: Sequence[Record | Problem]) -> list[Ingested | Problem]:
    """Return what became of each event; a Problem was never kept, while a rejected record waits in quarantine."""
    records = [each for each in parsed if isinstance(each, Record)]
    given = iter(await layer.ingest(records)) if records else iter(())
    results = [each if isinstance(each, Problem) else next(given) for each in parsed]
    return [_refused(each) if isinstance(each, Ingested) else each for each in results]


def _refused(result: Ingested) -> Ingested | Problem:
    kept = result.status != "rejected" or result.quarantine
    return result if kept else result.problem or Problem("rejected", "The record could not be used.")


def _counted(results: Sequence[Ingested | Problem]) -> EventsOut:
    out = EventsOut(0, 0, [])
    for index, each in enumerate(results):
        problem = each if isinstance(each, Problem) else each.problem
        if problem is not None and (isinstance(each, Problem) or each.status == "rejected"):
            out.rejected.append(RejectedOut(index, problem_out(problem)))
        elif isinstance(each, Ingested) and each.status == "duplicate":
            out.duplicates += 1
        else:
            out.accepted += 1
    return out
