"""Labelling in the browser: one moment after the other, worked with the keyboard."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from litestar import MediaType, Request, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from api.auth import actor_of
from api.outcomes import Refused
from api.problems import from_problems
from api.served import layer_of, served_of
from api.web.pages import page, speech
from api.web.session import checked_form
from api.web.tables import Column, Table, exported, one_of
from api.words import Words

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
    table: FromQuery[str] = "",
    format: FromQuery[str] = "",
) -> Any:  # noqa: ANN401  (a page or a file)
    """Ask about the next moment of a workflow."""
    layer, words = layer_of(request), speech(request)
    known = [(each.id, each.title or words.label(each.id)) for each in layer.rulesets()]
    workflow = workflow or (known[0][0] if known else "")
    found = await _moments(request, workflow) if workflow else ()
    if isinstance(found, Refused):
        raise from_problems(404, found.problems)
    playing, found = found is None, found or ()
    place = min(max(skip, 0), len(found))
    moment = found[place] if place < len(found) else None
    known_then = facts(moment, words) if moment else {}
    if format:
        return exported(format, f"case-{table}", one_of(known_then or {"": Table((), ())}, table))
    return page(
        request,
        "evals/label.html",
        words=words,
        here="/workflows",
        workflows=known,
        workflow=workflow,
        playing=playing,
        moment=moment,
        known_then=known_then,
        left=len(found) - place,
        skip=place,
        said=said[:300],
        reasons=reasons(words),
    )


async def _moments(request: Request[Any, Any, Any], workflow: str) -> "tuple[Moment, ...] | Refused | None":
    """Return the moments, None while the past is still being played, which goes on when the page is sent."""
    asked, name, layer = served_of(request).asked, f"moments {workflow}", layer_of(request)
    if workflow not in {each.id for each in layer.rulesets()}:  # what others asked for is theirs
        return await layer.moments(workflow)
    task = asked.get(name) or asyncio.create_task(layer.moments(workflow))
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
    form, words = await checked_form(request), speech(request)
    workflow, skip = form.get("workflow", ""), max(int(form.get("skip", "0") or 0), 0)
    told = ""
    if form.get("word") in ("yes", "no"):
        found = await layer_of(request).label_moment(
            workflow, form.get("id", ""), actor_of(request), should=form["word"] == "yes"
        )
        told = (
            " ".join(map(words.problem, found.problems)) if isinstance(found, Refused) else words.say("Kept as a case.")
        )
    else:
        skip += 1
    return Redirect(f"/evals/label?workflow={quote(workflow)}&skip={skip}&said={quote(told)}", status_code=303)


def facts(moment: "Moment", words: Words) -> Mapping[str, Table]:
    """Return what was known at the moment, a table for each type of entity."""
    return {type: _table(rows, words) for type, rows in moment.case.given.items()}


def _table(rows: Sequence[Mapping[str, Any]], words: Words) -> Table:
    names = dict.fromkeys(name for row in rows for name, value in row.items() if value is not None)
    return Table(
        [Column(each, words.label(each)) for each in names], [[row.get(each) for each in names] for row in rows]
    )


def reasons(words: Words) -> dict[str, str]:
    """Return why a moment is asked about, in the reader's language."""
    say = words.say
    return {
        "the versions disagree": say("the present rules and those before decide otherwise"),
        "one condition short": say("only one condition is missing"),
        "a rare kind": say("a rare kind"),
    }
