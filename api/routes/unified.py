"""GET of the unified view as server-sent events: what is there at once, then each late source as it answers."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import ServerSentEvent, ServerSentEventMessage

from api.facade import BUDGET, Layer
from api.problems import Faulty
from api.render import plain
from api.routes.shapes import customer_out, source_out
from api.served import layer_of
from api.views import CustomerView


@get("/live/customers/{id:path}", role="viewer", summary="The unified view as it arrives (server-sent events)")
async def customer_live(
    request: Request[Any, Any, Any], id: FromPath[str], budget: FromQuery[float] = BUDGET
) -> ServerSentEvent:
    """Send `customer` with the whole view, then `source` for each part that was late, then `end`.

    `budget` is how many seconds the first event may wait; with 0 every source comes on its own.
    """
    layer, id = layer_of(request), id.removeprefix("/")
    view = await layer.customer(id, budget=min(max(budget, 0.0), BUDGET))
    if view is None:
        raise Faulty(404, "unknown-entity", f"There is no customer {id}.")
    return ServerSentEvent(_events(layer, id, view))


async def _events(layer: Layer, id: str, view: CustomerView) -> AsyncIterator[ServerSentEventMessage]:
    yield ServerSentEventMessage(data=_json(customer_out(view)), event="customer")
    late = {part.source for part in view.sources if part.live == "late"}
    if late:
        async for part in layer.customer_parts(id, late):
            yield ServerSentEventMessage(data=_json(source_out(part)), event="source")
    yield ServerSentEventMessage(data="", event="end")


def _json(value: object) -> str:
    return msgspec.json.encode(plain(value)).decode()
