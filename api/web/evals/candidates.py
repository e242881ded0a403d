"""Candidates in the browser: what production has taught, one beside the other, to be kept as cases or dropped."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import MediaType, Request, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from api.auth import actor_of
from api.outcomes import Refused
from api.problems import from_problems
from api.served import layer_of
from api.web.pages import page, speech
from api.web.session import checked_form
from api.words import Words

_SHOWN = 25


@get("/evals/candidates", role="analyst", media_type=MediaType.HTML)
async def candidates_page(
    request: Request[Any, Any, Any], workflow: FromQuery[str] = "", said: FromQuery[str] = ""
) -> Any:  # noqa: ANN401  (a page)
    """Show the candidates of a workflow with their facts."""
    layer, words = layer_of(request), speech(request)
    known = [(each.id, each.title or words.label(each.id)) for each in layer.rulesets()]
    workflow = workflow or (known[0][0] if known else "")
    found = await layer.candidates(workflow) if workflow else ()
    if isinstance(found, Refused):
        raise from_problems(404, found.problems)
    named = {each.id: (each.should or each.should_not)[0].partition(" for ") for each in found[:_SHOWN]}
    words = words.about(layer.labels([subject for _, _, subject in named.values()]))
    return page(
        request,
        "evals/candidates.html",
        words=words,
        here="/workflows",
        workflows=known,
        workflow=workflow,
        candidates=found[:_SHOWN],
        titles={id: f"{words.label(what)}: {words.subject(subject)}" for id, (what, _, subject) in named.items()},
        moments={each.id: words.moment(datetime.fromisoformat(each.at)) for each in found[:_SHOWN]},
        left=len(found),
        said=said[:300],
        origins=origins(words),
    )


@post("/evals/candidates", role="analyst", status_code=303)
async def settled(request: Request[Any, Any, Any]) -> Redirect:
    """Look for new candidates, keep one as a case, or drop it."""
    form, words, layer = await checked_form(request), speech(request), layer_of(request)
    workflow, word, id = form.get("workflow", ""), form.get("word", ""), form.get("id", "")
    if word == "harvest":
        found: Any = await layer.harvest(workflow)
        told = "" if isinstance(found, Refused) else words.say.many("{count} found", "{count} found", len(found))
    else:
        accept, drop = ((id,), ()) if word == "accept" else ((), (id,))
        found = await layer.settle_candidates(workflow, actor_of(request), accept=accept, drop=drop)
        told = words.say("Kept as a case.") if accept else words.say("Dropped.")
    if isinstance(found, Refused):
        told = " ".join(map(words.problem, found.problems))
    return Redirect(f"/evals/candidates?workflow={quote(workflow)}&said={quote(told)}", status_code=303)


def origins(words: Words) -> dict[str, str]:
    """Return where a label comes from, in the reader's language."""
    say = words.say
    return {"verdict": say("a verdict"), "outcome": say("what came of it"), "person": say("a person's word")}
