"""Actions: listed, shown, and decided by a person's verdict."""

from typing import Annotated, Any, Literal, get_args

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, FromQuery, HeaderParameter, QueryParameter

from api.auth import actor_of
from api.bodies import read
from api.outcomes import (
    AlreadyDecided,
    BadVerdict,
    DecideOutcome,
    NotEditable,
    NotThisPerson,
    Settling,
    StaleDigest,
    UnknownAction,
)
from api.problems import Faulty, from_problems
from api.render import plain
from api.routes.knowledge import Limit
from api.routes.shapes import ActionOut, Listing, action_out
from api.served import layer_of
from engine.events import Action, ActionState, Verdict


class VerdictIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A person's word; `digest` is that of the payload shown.

    `to` is a person (delegate), or for a snooze a moment with its offset or an ISO 8601 duration, a day without it.
    `code` classes a rejection: wrong_fact, wrong_words, wrong_recipient, wrong_time, already_done, other, or `never`,
    after which the rule's action is not proposed for this customer any more.
    """

    verdict: Literal["approve", "edit", "reject", "delegate", "snooze"]
    digest: str
    reason: str = ""
    code: str = ""
    edit: dict[str, Any] | None = None
    to: str = ""


class SettleIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What became of an unknown action, or what becomes of a failed one; `to` a person for `hand-over`."""

    word: Settling
    reason: str = ""
    to: str = ""


class CommentIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A remark beside an action."""

    text: str


class UndoIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Why an approval is taken back."""

    reason: str = ""


@get("/actions", role="viewer", summary="Actions, newest first")
async def actions(
    request: Request[Any, Any, Any],
    in_state: Annotated[str, QueryParameter(name="state")] = "",
    subject: FromQuery[str] = "",
    after: FromQuery[str] = "",
    limit: Limit = 50,
) -> Listing[ActionOut]:
    """Return a page of actions; `after` is the cursor of the page before."""
    if in_state and in_state not in get_args(ActionState):
        raise Faulty(422, "unknown-state", f"`state` must be one of {', '.join(get_args(ActionState))}.")
    found = await layer_of(request).actions(state=in_state, subject=subject, after=after, limit=limit + 1)
    items = [action_out(each) for each in found[:limit]]
    return Listing(items, items[-1].id if len(found) > limit else None)


@get("/actions/{id:str}", role="viewer", summary="One action")
async def action(request: Request[Any, Any, Any], id: FromPath[str]) -> ActionOut:
    """Return one action with its draft, proof and history."""
    found = await layer_of(request).action(id)
    if found is None:
        raise Faulty(404, "unknown-action", f"There is no action {id}.")
    return action_out(found)


@post("/actions/{id:str}/verdict", role="operator", status_code=200, summary="Decide an action")
async def verdict(
    request: Request[Any, Any, Any],
    id: FromPath[str],
    idempotency_key: Annotated[str, HeaderParameter(name="Idempotency-Key", max_length=255)] = "",
) -> ActionOut:
    """Let a verdict count: 409 already decided, 412 not what was shown, 403 not this person, 422 may not be edited."""
    body = await read(request, VerdictIn)
    layer, actor = layer_of(request), actor_of(request)
    word = Verdict(
        action=id,
        verdict=body.verdict,
        digest=body.digest,
        by=actor.id,
        channel="api",
        at=layer.clock.now(),
        reason=body.reason,
        code=body.code,
        edit=body.edit,
        to=body.to,
    )
    return action_out(decided(await layer.decide(word, actor, idempotency_key)))


@post("/actions/{id:str}/settle", role="operator", status_code=200, summary="Settle what went wrong")
async def settle(request: Request[Any, Any, Any], id: FromPath[str]) -> ActionOut:
    """Say what became of an unknown action, or what becomes of a failed one: 409 when it is neither any more."""
    body = await read(request, SettleIn)
    return action_out(decided(await layer_of(request).settle(id, body.word, actor_of(request), body.reason, body.to)))


@post("/actions/{id:str}/undo", role="operator", status_code=200, summary="Take an approval back")
async def undo(request: Request[Any, Any, Any], id: FromPath[str]) -> ActionOut:
    """Bring an approved action back into the inbox: 409 once its sending has begun."""
    body = await read(request, UndoIn)
    return action_out(decided(await layer_of(request).undo(id, actor_of(request), body.reason)))


@post("/actions/{id:str}/claim", role="operator", status_code=200, summary="Look after an action")
async def claim(request: Request[Any, Any, Any], id: FromPath[str]) -> ActionOut:
    """Tell the others who looks after a pending action; it gives and takes no rights."""
    return action_out(decided(await layer_of(request).claim(id, actor_of(request))))


@post("/actions/{id:str}/comment", role="operator", status_code=200, summary="Leave a remark")
async def comment(request: Request[Any, Any, Any], id: FromPath[str]) -> ActionOut:
    """Leave a remark beside an action, in its history."""
    body = await read(request, CommentIn)
    return action_out(decided(await layer_of(request).comment(id, body.text, actor_of(request))))


def decided(outcome: DecideOutcome) -> Action:
    """Return the action of a verdict that counted; raises Faulty for one that did not."""
    match outcome:
        case UnknownAction(id=id):
            raise Faulty(404, "unknown-action", f"There is no action {id}.")
        case AlreadyDecided(action=action, by=by, at=at):
            detail = f"{by or 'The layer'} decided this at {plain(at)}; it is {action.state}."
            raise Faulty(409, "already-decided", detail, by=by, at=plain(at), state=action.state)
        case StaleDigest(action=action, differences=differences):
            detail = "The action is not what was shown any more; look at the difference and decide again."
            difference = {
                each.key: {"shown": plain(each.shown), "current": plain(each.current)} for each in differences
            }
            raise Faulty(
                412, "stale-digest", detail, digest=action.digest, version=action.version, difference=difference
            )
        case NotThisPerson(reason=reason):
            raise Faulty(403, "not-this-person", reason)
        case NotEditable(problems=problems) | BadVerdict(problems=problems):
            raise from_problems(422, problems)
        case _:
            return outcome.action
