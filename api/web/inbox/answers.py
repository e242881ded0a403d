"""A question about a text: what a person says it says is saved as a version and approved, under one button."""

from typing import Any

import msgspec
from litestar import Request, post
from litestar.params import FromPath
from litestar.response import Response

from api import outcomes
from api.auth import actor_of
from api.insight.questions import answer as answer_of
from api.problems import Faulty
from api.served import layer_of
from api.web.inbox.verdicts import after
from api.web.pages import speech
from api.web.session import checked_form
from api.words import label
from engine.events import Verdict
from engine.source.problem import Problem


@post("/actions/{id:str}/answer", role="operator", status_code=303)
async def answer(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[Any]:
    """Let the answer count for the text that was shown; the digest binds it as any verdict."""
    form = await checked_form(request)
    layer, actor = layer_of(request), actor_of(request)
    action = await layer.action(id)
    question = await layer.question(action) if action else None
    if action is None or question is None:
        raise Faulty(404, "unknown-question", f"There is no question {id}.")
    told, wrong = answer_of(question.asked, {key[5:]: value for key, value in form.items() if key.startswith("fact.")})
    if wrong:
        said = speech(request).say("{name} cannot be that.", name=", ".join(map(label, wrong)))
        return await after(request, action, outcomes.BadVerdict((Problem("bad-answer", said),)), form)
    word = Verdict(
        action=id, verdict="approve", digest=form.get("digest", ""), by=actor.id, channel="web", at=layer.clock.now(),
        reason=form.get("reason", ""),
    )  # fmt: skip
    changed = {name: value for name, value in told.items() if value != action.payload.get(name)}
    if changed:
        edited = await layer.decide(msgspec.structs.replace(word, verdict="edit", edit=changed), actor)
        if not isinstance(edited, outcomes.Decided):
            return await after(request, action, edited, form)
        word = msgspec.structs.replace(word, digest=edited.action.digest)
    outcome = await layer.decide(word, actor)
    if isinstance(outcome, outcomes.NotThisPerson):
        await layer.denied(actor, f"answer {id}", outcome.reason)
    return await after(request, action, outcome, form)
