"""Long work: a comparison, a verification, a sync; shown while it runs, and what came of it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar import MediaType, Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response, Template

from api.auth import actor_of
from api.bundles.comparing import Compared
from api.facade import Layer
from api.problems import Faulty
from api.served import layer_of, served_of
from api.web.pages import HEADERS, page, speech
from api.web.session import checked_form
from api.words import Words
from api.works import Came, Work, work

SHEET = HEADERS | {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


@post("/admin/tasks", role="admin", status_code=303)
async def begin(request: Request[Any, Any, Any]) -> Redirect:
    """Begin work and go to where it is shown."""
    form = await checked_form(request)
    layer, kind = layer_of(request), form.get("kind", "")
    if kind not in DOING:
        raise Faulty(404, "unknown-work", f"There is no work {kind}.")
    compared = f"{form.get('base', '')} → {form.get('head', '') or '.'}"
    about = {"compare": compared, "sync": form.get("source", "")}.get(kind, "")
    begun = work(kind, about, actor_of(request).id, layer.clock.now(), await layer.head())

    async def doing() -> Came:
        return await DOING[kind](layer, form)

    found = await served_of(request).works.begin(begun, doing, layer.clock.now, layer)
    return Redirect(f"/admin/tasks/{found.id}", status_code=303)


async def _compare(layer: Layer, form: Mapping[str, str]) -> Came:
    base, head, period = (form.get(name, "")[:200] for name in ("base", "head", "period"))
    found = await layer.compare(base, head, period=period, form="html")
    if isinstance(found, Compared):
        return Came({"differs": found.differs}, found.content)
    return Came({"refused": found.reason})


async def _sync(layer: Layer, form: Mapping[str, str]) -> Came:
    found = await layer.sync(form.get("source", ""))
    faults = [str(each.problem.message) for each in found if each.problem is not None]
    return Came({"records": sum(each.records for each in found), "problems": faults})


async def _verify(layer: Layer, _form: Mapping[str, str]) -> Came:
    found = await layer.verify()
    faults = [each.message for each in found.problems]
    return Came({"entries": found.entries, "anchored": found.anchored, "problems": faults})


DOING: Mapping[str, Callable[[Layer, Mapping[str, str]], Awaitable[Came]]] = {
    "compare": _compare, "sync": _sync, "verify": _verify,
}  # fmt: skip


@get("/admin/tasks/{id:str}", role="auditor")
async def show(request: Request[Any, Any, Any], id: FromPath[str]) -> Template:
    """Show one piece of work as it stands."""
    layer, words = layer_of(request), speech(request)
    found = await _known(request, id)
    people = {each.id: each.name for each in layer.people()}
    reported = await served_of(request).works.report(id, layer) is not None
    return page(
        request, "admin/work.html", words=words, here="/admin", work=found, by=people.get(found.by, found.by),
        named=titles(words)[found.kind], told=_told(found, words),
        entries=await layer.head() - found.begun_head, reported=reported,
    )  # fmt: skip


@get("/admin/tasks/{id:str}/report", role="auditor", media_type=MediaType.HTML)
async def report(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[bytes]:
    """Show the report of a comparison, which is a page of its own."""
    await _known(request, id)
    content = await served_of(request).works.report(id, layer_of(request))
    if content is None:
        raise Faulty(404, "no-report", "This work has no report, or not yet; of old ones the newest 20 are kept.")
    return Response(content, media_type=MediaType.HTML, headers=SHEET)


def titles(words: Words) -> dict[str, str]:
    """Return what each kind of work is called."""
    say = words.say
    return {
        "compare": say("Comparing two revisions over the journal"), "sync": say("Reading a source"),
        "verify": say("Verifying the journal"),
    }  # fmt: skip


async def _known(request: Request[Any, Any, Any], id: str) -> Work:
    found, actor = await served_of(request).works.find(id, layer_of(request)), actor_of(request)
    if found is None or (actor.rulesets and found.by != actor.id):  # a comparison tells of every ruleset
        raise Faulty(404, "unknown-work", "No such work was begun.")
    return found


def _told(found: Work, words: Words) -> list[str]:
    """Return what came of it in sentences."""
    say, came = words.say, found.came
    if found.state == "interrupted":
        return [say("The server ended before this was done; what was written until then stays. Begin it again.")]
    if found.state != "done":
        return []
    if found.kind == "compare":
        return [say("Some decisions differ.") if came.get("differs") else say("No decision differs.")]
    faults = [str(each) for each in came.get("problems", ())]
    if found.kind == "verify":
        whole = say(
            "All {count} entries match their chain, {anchored} anchored outside.",
            count=words.number(came["entries"]), anchored=words.number(came["anchored"]),
        )  # fmt: skip
        return faults or [whole]
    return [say.many("{count} record was read.", "{count} records were read.", came["records"]), *faults]
