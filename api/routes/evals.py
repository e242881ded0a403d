"""Candidates for labelled cases, and whether the present still looks like the past."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, QueryParameter

from api.auth import actor_of
from api.bodies import read
from api.outcomes import Refused
from api.problems import from_problems
from api.render import plain
from api.served import layer_of


class CandidatesIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The ids of candidates that become cases, and of those that are not worth keeping."""

    accept: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


@get("/evals/drift", role="viewer", summary="Whether inputs, verdicts and edits of the last days look like before")
async def drift(
    request: Request[Any, Any, Any], days: Annotated[int, QueryParameter(ge=1, le=3650)] = 30
) -> list[dict[str, Any]]:
    """Return each comparison with its figures; `alarm` where the difference is more than chance."""
    return [plain(each) for each in await layer_of(request).drift(days)]


@get("/evals/{workflow:str}/candidates", role="viewer", summary="What production has taught and nobody has looked at")
async def candidates(request: Request[Any, Any, Any], workflow: FromPath[str]) -> list[dict[str, Any]]:
    """Return the candidates of a workflow in the order in which they were found."""
    return _told(await layer_of(request).candidates(workflow))


@post("/evals/{workflow:str}/harvest", role="analyst", status_code=200, summary="Look for new candidates")
async def harvest(request: Request[Any, Any, Any], workflow: FromPath[str]) -> list[dict[str, Any]]:
    """Make candidates of verdicts, edits, rejections and outcomes; return all that wait."""
    layer = layer_of(request)
    found = await layer.harvest(workflow)
    return _told(found if isinstance(found, Refused) else await layer.candidates(workflow))


@post("/evals/{workflow:str}/candidates", role="analyst", status_code=200, summary="Make cases of candidates, or drop")
async def settle(request: Request[Any, Any, Any], workflow: FromPath[str]) -> list[dict[str, Any]]:
    """Accept and drop candidates by their ids; return those that are left."""
    said = await read(request, CandidatesIn)
    layer = layer_of(request)
    return _told(await layer.settle_candidates(workflow, actor_of(request), accept=said.accept, drop=said.drop))


def _told(found: Any) -> list[dict[str, Any]]:  # noqa: ANN401  (cases, or Refused)
    if isinstance(found, Refused):
        unknown = any(each.code == "unknown-ruleset" for each in found.problems)
        raise from_problems(404 if unknown else 409, found.problems)
    return [plain(each) for each in found]
