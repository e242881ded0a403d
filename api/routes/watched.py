"""The layer's own condition as records: a source system like any other, for rules that raise alarms."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from litestar import Request, get

from api.outcomes import Measures
from api.routes.shapes import Listing
from api.served import layer_of

Kind = Literal["source", "inbox", "actions", "budget", "quarantine", "timers", "switches", "drift"]
_STATES = ("unknown", "failed")


class WatchedOut(msgspec.Struct, kw_only=True):
    """One part of the layer; ages are told as moments, so that what stands still is no news.

    `up`: whether a source answered when it was read last. `since`: until when a source has told everything, or since
    when the oldest action waits in the inbox, or a timer is due and has not run. `share`: how much of a day's budget is
    spent, 1.0 all of it. `count`: how many actions, records, switches or alarms there are.
    """

    id: str
    kind: Kind
    name: str
    up: bool | None = None
    since: datetime | None = None
    share: float | None = None
    count: int | None = None


@get("/watched", role="viewer", summary="The layer's own condition, as records that rules can read")
async def watched(request: Request[Any, Any, Any]) -> Listing[WatchedOut]:
    """Return every part that can be watched."""
    return Listing(items=list(parts_of(await layer_of(request).measures())))


def parts_of(told: Measures) -> Iterator[WatchedOut]:
    """Yield the parts of a running layer, the same ones each time."""
    for name, lag in told.lag.items():
        heard = None if lag is None else told.at - lag
        yield WatchedOut(id=f"source:{name}", kind="source", name=name, up=name not in told.down, since=_utc(heard))
    for name, share in told.spending.items():
        yield WatchedOut(id=f"budget:{name}", kind="budget", name=name, share=round(share, 4))
    tallies, actions = told.tallies, told.tallies.actions
    oldest, pending = _utc(tallies.oldest_pending), actions.get("pending", 0)
    yield WatchedOut(id="inbox", kind="inbox", name="inbox", since=oldest, count=pending)
    for state in _STATES:
        yield WatchedOut(id=f"actions:{state}", kind="actions", name=state, count=actions.get(state, 0))
    behind = told.at - told.behind if told.behind > timedelta() else None
    yield WatchedOut(id="timers", kind="timers", name="timers", since=_utc(behind))
    yield WatchedOut(id="quarantine", kind="quarantine", name="quarantine", count=tallies.quarantined)
    yield WatchedOut(id="switches", kind="switches", name="kill switches", count=told.switches)
    yield WatchedOut(id="drift", kind="drift", name="drift", count=told.alarms)


def _utc(moment: datetime | None) -> datetime | None:
    """Return the moment as every process writes it, whatever zone it came in."""
    return None if moment is None else moment.astimezone(UTC)
