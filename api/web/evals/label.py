"""Labelling in the browser: one moment after the other, worked with the keyboard."""

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from litestar import MediaType, Request, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from api.auth import actor_of
from api.outcomes import Refused
from api.problems import from_problems
from api.served import layer_of, served_of
from api.web import items
from api.web.pages import page, speech
from api.web.session import checked_form
from api.words import Words, label

if TYPE_CHECKING:
    from evals.labelled.choosing import Moment

PATIENCE = 2.0
"""Seconds that a page waits for the past to be played; a long journal takes minutes."""


@get("/evals/label", role="analyst", media_type=MediaType.HTML)
async def label_page(
    request: Request[Any, Any, Any],
    workflow: FromQuery[str] = "",
    skip: FromQuery[int] = 0,
    said: FromQuery[str] = "",
) -> Any:  # noqa: ANN401  (a page)
    """Ask about the next moment of a workflow."""
    layer, words = layer_of(request), speech(request)
    known = [(each.id, each.title or label(each.id)) for each in layer.rulesets()]
    workflow = workflow or (known[0][0] if known else "")
    found = await _moments(request, workflow) if workflow else ()
    if isinstance(found, Refused):
        raise from_problems(404, found.problems)
    playing, found = found is None, found or ()
    place = min(max(skip, 0), len(found))
    return page(
        request,
        "evals/label.html",
        words=words,
        here="/workflows",
        workflows=known,
        workflow=workflow,
        playing=playing,
        moment=found[place] if place < len(found) else None,
        left=len(found) - place,
        skip=place,
        said=said[:300],
        reasons=reasons(words),
        path_of=items.subject_path,
    )


async def _moments(request: Request[Any, Any, Any], workflow: str) -> "tuple[Moment, ...] | Refused | None":
    """Return the moments, None while the past is still being played, which goes on when the page is sent."""
    asked, name = served_of(request).asked, f"moments {workflow}"
    task = asked.get(name) or asyncio.create_task(layer_of(request).moments(workflow))
    asked[name] = task
    done, _ = await asyncio.wait({task}, timeout=PATIENCE)
    if not done:
        return None
    asked.pop(name, None)
    found: tuple[Moment, ...] | Refused = task.result()
    return found


@post("/evals/label", role="analyst", status_code=303)
async def answered(request: Request[Any, Any, Any]) -> Redirect:
    """Keep the answer as a case, and go on with the next."""
    form, say = await checked_form(request), speech(request).say
    workflow, skip = form.get("workflow", ""), max(int(form.get("skip", "0") or 0), 0)
    told = ""
    if form.get("word") in ("yes", "no"):
        found = await layer_of(request).label_moment(
            workflow, form.get("id", ""), actor_of(request), should=form["word"] == "yes"
        )
        told = (
            " ".join(each.message for each in found.problems) if isinstance(found, Refused) else say("Kept as a case.")
        )
    else:
        skip += 1
    return Redirect(f"/evals/label?workflow={quote(workflow)}&skip={skip}&said={quote(told)}", status_code=303)


def reasons(words: Words) -> dict[str, str]:
    """Return why a moment is asked about, in the reader's language."""
    say = words.say
    return {
        "the versions disagree": say("the present rules and those before decide otherwise"),
        "one condition short": say("only one condition is missing"),
        "a rare kind": say("a rare kind"),
    }
