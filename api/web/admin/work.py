"""Long work: a comparison, a verification, a sync; shown while it runs, and what came of it."""

from typing import Any

from litestar import MediaType, Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response, Template

from api.auth import actor_of
from api.bundles.comparing import Compared, Failed
from api.facade import Layer
from api.outcomes import Verified
from api.problems import Faulty
from api.served import layer_of, served_of
from api.web.pages import HEADERS, page, speech
from api.web.session import checked_form
from api.words import Words
from api.works import Work, work

KINDS = ("compare", "sync", "verify")
SHEET = HEADERS | {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


@post("/admin/tasks", role="admin", status_code=303)
async def begin(request: Request[Any, Any, Any]) -> Redirect:
    """Begin work and go to where it is shown."""
    form = await checked_form(request)
    layer, kind = layer_of(request), form.get("kind", "")
    if kind not in KINDS:
        raise Faulty(404, "unknown-work", f"There is no work {kind}.")
    compared = f"{form.get('base', '')} → {form.get('head', '') or '.'}"
    about = {"compare": compared, "sync": form.get("source", "")}.get(kind, "")
    begun = work(kind, about, actor_of(request).id, layer.clock.now(), await layer.head())

    async def doing() -> Any:  # noqa: ANN401  (each kind has its own)
        if kind == "compare":
            base, head, period = (form.get(name, "")[:200] for name in ("base", "head", "period"))
            return await layer.compare(base, head, period=period, form="html")
        return await (layer.sync(form.get("source", "")) if kind == "sync" else layer.verify())

    found = served_of(request).works.begin(begun, doing, layer.clock.now)
    return Redirect(f"/admin/tasks/{found.id}", status_code=303)


@get("/admin/tasks/{id:str}", role="auditor")
async def show(request: Request[Any, Any, Any], id: FromPath[str]) -> Template:
    """Show one piece of work as it stands."""
    layer, words = layer_of(request), speech(request)
    found = _known(request, id)
    people = {each.id: each.name for each in layer.people()}
    return page(
        request, "admin/work.html", words=words, here="/admin", work=found, by=people.get(found.by, found.by),
        named=titles(words)[found.kind], told=await _told(found, layer, words),
        entries=await layer.head() - found.begun_head, failed=_failure(found),
    )  # fmt: skip


@get("/admin/tasks/{id:str}/report", role="auditor", media_type=MediaType.HTML)
async def report(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[bytes]:
    """Show the report of a comparison, which is a page of its own."""
    found = _known(request, id)
    if not isinstance(found.result, Compared):
        raise Faulty(404, "no-report", "This work has no report, or not yet.")
    return Response(found.result.content, media_type=MediaType.HTML, headers=SHEET)


def titles(words: Words) -> dict[str, str]:
    """Return what each kind of work is called."""
    say = words.say
    return {
        "compare": say("Comparing two revisions over the journal"), "sync": say("Reading a source"),
        "verify": say("Verifying the journal"),
    }  # fmt: skip


def _known(request: Request[Any, Any, Any], id: str) -> Work:
    found = served_of(request).works.all.get(id)
    if found is None:
        raise Faulty(404, "unknown-work", "This work is not known any more; the server was started again since.")
    return found


def _failure(found: Work) -> str:
    return found.result.reason if isinstance(found.result, Failed) else found.failure


async def _told(found: Work, layer: Layer, words: Words) -> list[str]:
    """Return what came of it in sentences."""
    del layer
    say, result = words.say, found.result
    if isinstance(result, Compared):
        return [say("Some decisions differ.") if result.differs else say("No decision differs.")]
    if isinstance(result, Verified):
        whole = say(
            "All {count} entries match their chain, {anchored} anchored outside.",
            count=words.number(result.entries), anchored=words.number(result.anchored),
        )  # fmt: skip
        return [each.message for each in result.problems] or [whole]
    if found.kind == "sync" and result is not None:
        read = words.say.many(
            "{count} record was read.", "{count} records were read.", sum(each.records for each in result)
        )
        return [read, *(str(each.problem.message) for each in result if each.problem is not None)]
    return []
