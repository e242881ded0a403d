"""CloudEvents 1.0 into records, validated one by one (structured single and batch, HTTP binary mode).

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md and .../bindings/http-protocol-binding.md
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import msgspec

from engine.events import Record
from engine.source.problem import Problem

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
TYPES = ("record.changed", "record.deleted")
MAX_BATCH = 10_000
MAX_NAME = 512


def to_record(event: object) -> Record | Problem:
    """Return the record that an event carries, or what is wrong with it."""
    if not isinstance(event, Mapping):
        return Problem("not-an-event", "A CloudEvent is a JSON object.")
    fault = _envelope_fault(event)
    if fault:
        return fault
    stream, _, key = event["subject"].partition("/")
    at = _time(event.get("time"))
    if isinstance(at, Problem):
        return at
    deleted = event["type"] == "record.deleted"
    data = event.get("data")
    if not isinstance(data, Mapping):
        if not (deleted and data is None):
            return Problem("bad-data", "`data` must be the record as a JSON object.")
        data = {}
    return Record(
        source=event["source"],
        stream=stream,
        key=key,
        data=data,
        valid_at=at,
        deleted=deleted,
        event_id=event["id"],
        origin=f"event {event['id']}",
    )


def _envelope_fault(event: Mapping[str, Any]) -> Problem | None:
    if event.get("specversion") != "1.0":
        return Problem("bad-specversion", '`specversion` must be "1.0".')
    for name in ("id", "source", "type", "subject"):
        value = event.get(name)
        if not isinstance(value, str) or not value.strip():
            return Problem("missing-attribute", f"`{name}` must be a text that is not empty.")
        if len(value) > MAX_NAME or not value.isprintable():
            return Problem(
                "bad-attribute", f"`{name}` is longer than {MAX_NAME} characters or holds control characters."
            )
    if event["type"] not in TYPES:
        return Problem("unknown-type", f"`type` must be {' or '.join(TYPES)}, not {event['type']!r}.")
    stream, slash, key = event["subject"].partition("/")
    if not (stream and slash and key):
        return Problem("bad-subject", "`subject` must be STREAM/KEY.")
    if "data_base64" in event:
        return Problem("bad-data", "Send `data`, the record as a JSON object; `data_base64` is not read.")
    kind = event.get("datacontenttype", "application/json")
    if not isinstance(kind, str) or not _is_json(kind):
        return Problem("bad-datacontenttype", "`datacontenttype` must be application/json or be left out.")
    return None


def _is_json(kind: str) -> bool:
    kind = kind.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _time(value: object) -> datetime | Problem | None:
    if value is None:
        return None
    fault = Problem("bad-time", "`time` must be an RFC 3339 moment with its offset, e.g. 2026-01-05T08:00:00Z.")
    if not isinstance(value, str):
        return fault
    try:
        at = msgspec.convert(value, datetime)
    except msgspec.ValidationError:
        return fault
    return at if at.tzinfo else fault


def from_headers(headers: Mapping[str, str], data: object) -> dict[str, Any]:
    """Return the structured form of a binary-mode event: `ce-` headers, percent-decoded, and the body as data."""
    event: dict[str, Any] = {
        name[3:].lower(): unquote(value) for name, value in headers.items() if name.lower().startswith("ce-")
    }
    return event if data is None else {**event, "data": data}
