"""Who is who: the doubtful pairs, and a person's word on them."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.params import QueryParameter

from api.auth import actor_of
from api.bodies import read
from api.outcomes import Refused
from api.problems import Faulty, from_problems
from api.render import plain
from api.routes.knowledge import Limit
from api.routes.shapes import Listing
from api.served import layer_of

Start = Annotated[int, QueryParameter(ge=0, description="how many to leave out: `next` of the page before")]


class MergeIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Two entities of a type; `other` becomes part of `id`."""

    type: str = "customer"
    id: str
    other: str
    reason: str = ""


class SplitIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`records` leave `id` and are `other`; without them those that a merge brought from `other`."""

    type: str = "customer"
    id: str
    other: str
    records: list[str] = []
    reason: str = ""


@get("/identity/reviews", role="viewer", summary="Doubtful pairs with their evidence side by side")
async def reviews(request: Request[Any, Any, Any], after: Start = 0, limit: Limit = 50) -> Listing[Any]:
    """Return what waits for a person, the likeliest first; whoever decides on pairs meanwhile begins again."""
    found = await layer_of(request).reviews(after, limit)
    end = after + len(found.shown)
    return Listing([plain(each) for each in found.shown], str(end) if end < found.total else None)


@post("/identity/merge", role="operator", status_code=200, summary="Let two entities be one")
async def merge(request: Request[Any, Any, Any]) -> Any:  # noqa: ANN401  (JSON)
    """Merge; it can be undone."""
    given = await read(request, MergeIn)
    layer, actor = layer_of(request), actor_of(request)
    return _told(await layer.merge(given.type, given.id, given.other, actor, given.reason))


@post("/identity/split", role="operator", status_code=200, summary="Let one entity be two, or undo a merge")
async def split(request: Request[Any, Any, Any]) -> Any:  # noqa: ANN401  (JSON)
    """Split; what was proposed for the whole goes to a person."""
    given = await read(request, SplitIn)
    layer, actor = layer_of(request), actor_of(request)
    return _told(await layer.split(given.type, given.id, given.other, actor, tuple(given.records), given.reason))


@post("/identity/apart", role="operator", status_code=200, summary="Let a doubtful pair be two")
async def apart(request: Request[Any, Any, Any]) -> Any:  # noqa: ANN401  (JSON)
    """Remember that they are two, so that nobody is asked again."""
    given = await read(request, MergeIn)
    refused = await layer_of(request).keep_apart(given.type, given.id, given.other, actor_of(request), given.reason)
    return _told(refused or {"type": given.type, "id": given.id, "other": given.other, "state": "different"})


def _told(outcome: object) -> Any:  # noqa: ANN401  (JSON)
    if isinstance(outcome, Refused):
        if any(each.code == "unknown-entity" for each in outcome.problems):
            raise Faulty(404, "unknown-entity", outcome.problems[0].message)
        raise from_problems(422, outcome.problems)
    return plain(outcome)
