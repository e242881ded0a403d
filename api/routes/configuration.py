"""What is in force, its files and its history; checking and comparing before anything is put in force."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from api.auth import actor_of
from api.bodies import read
from api.bundles.comparing import Failed
from api.configuration import BundleFiles, ConfigChange, Followed, InForce
from api.faults import ProblemOut, problem_out
from api.outcomes import Refused
from api.problems import Faulty, from_problems
from api.render import plain
from api.routes.shapes import BundleOut, CheckOut, bundle_out, check_out
from api.served import layer_of

Limit = Annotated[int, QueryParameter(ge=1, le=500, description="how many to return")]
_FORMS = {"json": MediaType.JSON, "markdown": "text/markdown", "html": MediaType.HTML}


class CheckIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Texts by their paths, to be checked among the files in force; without them the folder is checked."""

    files: dict[str, str] = {}


class DiffIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Two revisions: of git, `bundle:ID`, `in-force`; `head` left out: the files in the folder."""

    base: str = "in-force"
    head: str = ""
    period: str = ""
    examples: int = 5
    format: Literal["json", "markdown", "html"] = "json"


class FollowedOut(msgspec.Struct, frozen=True, kw_only=True):
    """The followed branch: what became of its last commit, and why it cannot be read now."""

    branch: str
    remote: str
    commit: str
    subject: str
    revision: str
    state: str
    at: Any
    problems: list[ProblemOut]
    unreachable: str


class InForceOut(msgspec.Struct, frozen=True, kw_only=True):
    """What rules; `bundle` is empty while the files in the folder do."""

    revision: str
    bundle: str
    since: Any
    by: str
    commit: str
    author: str
    approvers: list[str]
    note: str
    files: list[str]
    followed: FollowedOut | None


@get("/config", role="viewer", summary="What is in force, and what became of the followed branch")
async def in_force(request: Request[Any, Any, Any]) -> InForceOut:
    """Return what rules, since when and by whose word."""
    return _in_force(await layer_of(request).in_force())


@get("/config/files/{path:path}", role="analyst", media_type=MediaType.TEXT, summary="One file of what is in force")
async def config_file(request: Request[Any, Any, Any], path: FromPath[str]) -> str:
    """Return the text of a file of the configuration in force."""
    name = path.strip("/")
    text = await layer_of(request).config_file(name)
    if text is None:
        raise Faulty(404, "missing-file", f"The configuration in force has no file {name}.")
    return text


@get("/config/history", role="viewer", summary="What took over and what was refused, newest first")
async def config_history(request: Request[Any, Any, Any], limit: Limit = 50) -> list[ConfigChange]:
    """Return the history of the configuration, from the journal."""
    return list(await layer_of(request).config_history(limit))


@post("/config/check", role="analyst", status_code=200, summary="All faults of the configuration, or of texts given")
async def config_check(request: Request[Any, Any, Any]) -> CheckOut:
    """Check the home folder, or `files` as if they stood among the files in force; nothing is kept."""
    layer = layer_of(request)
    files = (await read(request, CheckIn)).files if await request.body() else {}
    return check_out(await (layer.check_files(files) if files else layer.check()))


@post("/config/diff", role="analyst", status_code=200, summary="What changes between two revisions, also in decisions")
async def config_diff(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Compare two revisions over the journal, as `opslayer diff` does, in a process of its own."""
    asked = await read(request, DiffIn) if await request.body() else DiffIn()
    found = await layer_of(request).compare(
        asked.base, asked.head, period=asked.period, examples=asked.examples, form=asked.format
    )
    if isinstance(found, Failed):
        status = {2: 422, 3: 503}.get(found.code, 504)
        raise Faulty(status, "not-compared", found.reason)
    return Response(found.content, media_type=_FORMS[asked.format], headers={"X-Differs": str(found.differs).lower()})


@post("/config/follow", role="admin", status_code=200, summary="Look at the followed branch now, e.g. for a webhook")
async def follow(request: Request[Any, Any, Any]) -> FollowedOut:
    """Put a new commit of the followed branch in force, or refuse it, without waiting for the next look."""
    found = await layer_of(request).follow()
    if found is None:
        raise Faulty(404, "nothing-followed", "config/app.yaml names no branch under `follow`.")
    return _followed(found)


@get("/bundles/{id:str}", role="analyst", summary="One bundle with its texts")
async def bundle(request: Request[Any, Any, Any], id: FromPath[str]) -> BundleFiles:
    """Return a bundle by its id or an unambiguous beginning of it."""
    found = await layer_of(request).bundle(id)
    if found is None:
        raise Faulty(404, "unknown-bundle", f"There is no bundle {id}.")
    if isinstance(found, Refused):
        raise from_problems(409, found.problems)
    return found


@post("/bundles/release", role="admin", status_code=200, summary="Let the files in the folder rule again")
async def release(request: Request[Any, Any, Any]) -> BundleOut:
    """Put the files in the folder in force instead of a bundle, from the next input on and after each start."""
    result = await layer_of(request).release_bundle(actor_of(request))
    if isinstance(result, Refused):
        raise from_problems(409, result.problems)
    return bundle_out(result)


def _followed(found: Followed) -> FollowedOut:
    return FollowedOut(
        branch=found.branch, remote=found.remote, commit=found.commit, subject=found.subject, revision=found.revision,
        state=found.state, at=plain(found.at), problems=[problem_out(each) for each in found.problems],
        unreachable=found.unreachable,
    )  # fmt: skip


def _in_force(found: InForce) -> InForceOut:
    return InForceOut(
        revision=found.revision, bundle=found.bundle, since=plain(found.since), by=found.by, commit=found.commit,
        author=found.author, approvers=list(found.approvers), note=found.note, files=list(found.files),
        followed=_followed(found.followed) if found.followed else None,
    )  # fmt: skip
