"""The inbox as people work through it: conversations, edits tried, many at once, standing words, absences, dossiers."""

from datetime import date
from typing import Any, Literal

import msgspec
from litestar import MediaType, Request, Response, delete, get, post, put
from litestar.params import FromPath, FromQuery

from api.auth import actor_of, allows
from api.bodies import read
from api.dossier.page import page
from api.faults import ProblemOut, problem_out
from api.outcomes import Decided, DecideOutcome, Refused, UnknownAction
from api.problems import Faulty, from_problems
from api.render import plain
from api.routes.actions import decided
from api.routes.shapes import ActionOut, action_out
from api.served import layer_of
from api.views import Person
from api.words import Words
from approvals.queue import Conversation, Waiting
from approvals.standing import Standing
from engine.events import Verdict
from engine.source.problem import Problem


class WaitingOut(msgspec.Struct):
    """An action of a conversation; `refusal` says why you may not approve it, `mine` that nobody else looks after."""

    action: ActionOut
    points: int
    why: list[str]
    in_hands: str
    mine: bool
    refusal: str


class ConversationOut(msgspec.Struct):
    """All that waits for a word on one account."""

    account: str
    label: str
    points: int
    waiting: list[WaitingOut]


class PreviewIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The payload keys as they would be."""

    edit: dict[str, Any]


class PreviewOut(msgspec.Struct):
    """What the edit would come to: refused with `problems`; `warnings` are for the eye."""

    payload: dict[str, Any]
    digest: str
    difference: dict[str, Any]
    problems: list[ProblemOut]
    warnings: list[ProblemOut]


class ShownIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An action as it was shown."""

    id: str
    digest: str


class VerdictsIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One word on several actions; `code` and `to` as in a single verdict."""

    verdict: Literal["approve", "reject", "snooze"]
    items: list[ShownIn]
    reason: str = ""
    code: str = ""
    to: str = ""


class VerdictsOut(msgspec.Struct):
    """What became of one of them: the action, or the problem that kept the word from counting."""

    id: str
    status: int
    action: ActionOut | None = None
    problem: ProblemOut | None = None


class AwayIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, rename={"from_": "from"}):
    """The first and the last day out of office; both null to end it."""

    from_: date | None = None
    to: date | None = None


@get("/inbox", role="viewer", summary="What waits for a word, by account, the most urgent first")
async def inbox(request: Request[Any, Any, Any], everything: FromQuery[bool] = False) -> list[ConversationOut]:
    """Return your queue; with `everything` also what others look after, what is put off, and what is not yours."""
    found = await layer_of(request).queue(actor_of(request), mine=not everything)
    return [conversation_out(each) for each in found]


@post("/actions/{id:str}/preview", role="operator", status_code=200, summary="Try an edit")
async def preview(request: Request[Any, Any, Any], id: FromPath[str]) -> PreviewOut:
    """Hold an edit against the guards as it is typed; nothing is decided."""
    body = await read(request, PreviewIn)
    found = await layer_of(request).preview(id, body.edit, actor_of(request))
    if isinstance(found, UnknownAction):
        raise Faulty(404, "unknown-action", f"There is no action {id}.")
    difference = {each.key: {"shown": plain(each.shown), "current": plain(each.current)} for each in found.differences}
    return PreviewOut(
        payload=plain(found.payload),
        digest=found.digest,
        difference=difference,
        problems=[problem_out(each) for each in found.problems],
        warnings=[problem_out(each) for each in found.warnings],
    )


@post("/actions/verdicts", role="operator", status_code=200, summary="One word on several actions")
async def verdicts(request: Request[Any, Any, Any]) -> list[VerdictsOut]:
    """Decide each by itself, in order; what has high consequence is approved one by one only."""
    body = await read(request, VerdictsIn)
    layer, actor = layer_of(request), actor_of(request)
    words = [
        Verdict(
            action=item.id, verdict=body.verdict, digest=item.digest, by=actor.id, channel="bulk",
            at=layer.clock.now(), reason=body.reason, code=body.code, to=body.to,
        )
        for item in body.items
    ]  # fmt: skip
    outcomes = await layer.decide_many(words, actor)
    return [_outcome(item.id, outcome) for item, outcome in zip(body.items, outcomes, strict=True)]


@get("/actions/{id:str}/dossier", role="viewer", media_type=MediaType.HTML, summary="Everything about one action")
async def dossier(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[str]:
    """Return one self-contained page for an auditor: what was shown, who decided, why, what was answered."""
    layer = layer_of(request)
    found = await layer.dossier(id)
    if found is None:
        raise Faulty(404, "unknown-action", f"There is no action {id}.")
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "Cache-Control": "no-store"}
    return Response(page(found, layer.company, Words(layer.timezone)), media_type=MediaType.HTML, headers=headers)


@get("/standing", role="viewer", summary="What is never to be proposed for which account")
async def standing(request: Request[Any, Any, Any]) -> list[Standing]:
    """Return what people said once and for all when they rejected something."""
    return list(await layer_of(request).standing())


@delete("/standing/{id:path}", role="operator", status_code=204, summary="Let it be proposed again")
async def lift(request: Request[Any, Any, Any], id: FromPath[str]) -> None:
    """Lift a standing word; it counts from the next proposal on."""
    lifted = await layer_of(request).lift(id.removeprefix("/"), actor_of(request))
    if isinstance(lifted, Refused):
        raise from_problems(403, lifted.problems)
    if not lifted:
        raise Faulty(404, "unknown-word", "Nothing of this id stands.")


@get("/people", role="viewer", summary="Who works with the layer, and who is away")
async def people(request: Request[Any, Any, Any]) -> list[Person]:
    """Return the people of the configuration, with when they are away."""
    return list(await layer_of(request).people_now())


@put("/people/{id:str}/away", role="viewer", summary="Out of office")
async def away(request: Request[Any, Any, Any], id: FromPath[str]) -> Person:
    """Say when you are away, or as an admin when somebody is; requests go to who stands in."""
    body = await read(request, AwayIn)
    layer, actor = layer_of(request), actor_of(request)
    if actor.id != id and not allows(actor, "admin"):
        await layer.denied(actor, f"PUT {request.url.path}", "another person's absence needs admin")
        raise Faulty(403, "forbidden", "Only an admin says when somebody else is away.")
    if (body.from_ is None) != (body.to is None):
        raise Faulty(422, "no-days", "Give the first and the last day, or null for both to end it.")
    days = (body.from_, body.to) if body.from_ and body.to else None
    result = await layer.set_away(id, days, actor)
    if isinstance(result, Refused):
        unknown = result.problems[0].code == "unknown-person"
        raise from_problems(404 if unknown else 422, result.problems)
    return result


def conversation_out(found: Conversation) -> ConversationOut:
    """Return a conversation in its outside form."""
    return ConversationOut(found.account, found.label, found.points, [_waiting(each) for each in found.waiting])


def _waiting(found: Waiting) -> WaitingOut:
    return WaitingOut(
        action_out(found.action), found.points, list(found.why), found.in_hands, found.mine, found.refusal
    )


def _outcome(id: str, outcome: DecideOutcome) -> VerdictsOut:
    if isinstance(outcome, Decided):
        return VerdictsOut(id, 200, action_out(outcome.action))
    try:
        decided(outcome)
    except Faulty as fault:
        problem = problem_out(Problem(fault.code, str(fault)), fault.status)
        return VerdictsOut(id, fault.status, None, problem)
    raise AssertionError(outcome)
