"""What is told of one message, wherever it was read."""

from datetime import tzinfo

from connectors.mail.message import BrokenMessage, parse
from engine.events import Record
from engine.ports import Rejected
from engine.source import Place, Problem

MOST_RAW = 20_000


def told(source: str, stream: str, place: str, name: str, raw: bytes, zone: tzinfo) -> Record | Rejected:
    """Return the record of a message, or its quarantine item; `name` is its key where it has no Message-ID."""
    try:
        data = parse(raw, zone)
    except BrokenMessage as broken:
        return Rejected(
            source=source,
            stream=stream,
            key=name,
            raw=raw[:MOST_RAW].decode("utf-8", errors="replace"),
            problem=Problem(code="broken-message", message=str(broken), place=Place(place)),
        )
    key = data["message_id"] or name
    return Record(
        source=source,
        stream=stream,
        key=key,
        data=data,
        valid_at=data["date"],
        event_id=f"{stream}/{key}",
        origin=place,
    )
