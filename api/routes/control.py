"""Kill switches, autonomy, configuration, bundles and the clock."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from litestar import Request, get, post, put
from litestar.params import FromPath

from api.auth import actor_of
from api.bodies import read
from api.outcomes import Autonomy, Backwards, NotSimulated, Refused, Switch
from api.problems import Faulty, from_problems
from api.render import plain
from api.routes.shapes import (
    AutonomyOut,
    BundleOut,
    ClockOut,
    SwitchOut,
    autonomy_out,
    bundle_out,
    switch_out,
)
from api.served import layer_of

TAR = "application/x-tar"


class SwitchIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`on` true pulls the switch."""

    on: bool
    reason: str = ""


class AuditIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a person says of an action that went by itself."""

    correct: bool
    reason: str = ""
    critical: bool = False


class SecondIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a second person says of an action that was decided."""

    correct: bool
    reason: str = ""


class BundleIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A note to the bundle."""

    note: str = ""


class ClockIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Where to move the clock, with its offset."""

    advance_to: datetime


@get("/kill-switches/{what:path}", role="viewer", summary="One kill switch")
async def kill_switch(request: Request[Any, Any, Any], what: FromPath[str]) -> SwitchOut:
    """Return whether the switch of a scope is pulled."""
    name = what.strip("/")
    _known_form(name)
    pulled = {each.scope: each for each in await layer_of(request).switches()}
    return switch_out(pulled.get(name, Switch(scope=name, on=False)))


@put("/kill-switches/{what:path}", role="admin", summary="Pull or release a kill switch")
async def set_kill_switch(request: Request[Any, Any, Any], what: FromPath[str]) -> SwitchOut:
    """Pull or release the switch of `all`, `ruleset:X`, `rule:X/Y` or `source:X`."""
    name = what.strip("/")
    _known_form(name)
    body = await read(request, SwitchIn)
    result = await layer_of(request).set_switch(name, body.on, body.reason, actor_of(request))
    if isinstance(result, Refused):
        raise from_problems(404, result.problems)
    return switch_out(result)


def _known_form(scope: str) -> None:
    kind, colon, name = scope.partition(":")
    if scope == "all" or (kind in ("ruleset", "source") and colon and name):
        return
    ruleset, slash, rule = name.partition("/")
    if not (kind == "rule" and ruleset and slash and rule):
        raise Faulty(404, "unknown-scope", "A scope is all, ruleset:X, rule:X/Y or source:X.")


@get("/kill-switches", role="viewer", summary="The pulled kill switches")
async def kill_switches(request: Request[Any, Any, Any]) -> list[SwitchOut]:
    """Return every pulled switch."""
    return [switch_out(each) for each in await layer_of(request).switches()]


@get("/autonomy", role="viewer", summary="Stage, evidence and what is missing, of every action")
async def autonomy(request: Request[Any, Any, Any]) -> list[AutonomyOut]:
    """Return how far each action may go by itself."""
    return [autonomy_out(each) for each in await layer_of(request).autonomy()]


@post("/autonomy/{ruleset:str}/{rule:str}/{action:str}/request", role="analyst", status_code=200)
async def request_stage(
    request: Request[Any, Any, Any], ruleset: FromPath[str], rule: FromPath[str], action: FromPath[str]
) -> AutonomyOut:
    """Ask for the next stage."""
    return await _change(request, ruleset, rule, action, "request")


@post("/autonomy/{ruleset:str}/{rule:str}/{action:str}/promote", role="admin", status_code=200)
async def promote(
    request: Request[Any, Any, Any], ruleset: FromPath[str], rule: FromPath[str], action: FromPath[str]
) -> AutonomyOut:
    """Grant the next stage."""
    return await _change(request, ruleset, rule, action, "promote")


@post("/autonomy/{ruleset:str}/{rule:str}/{action:str}/demote", role="admin", status_code=200)
async def demote(
    request: Request[Any, Any, Any], ruleset: FromPath[str], rule: FromPath[str], action: FromPath[str]
) -> AutonomyOut:
    """Take a stage back."""
    return await _change(request, ruleset, rule, action, "demote")


@post("/autonomy/{ruleset:str}/{rule:str}/{action:str}/carry", role="admin", status_code=200)
async def carry(
    request: Request[Any, Any, Any], ruleset: FromPath[str], rule: FromPath[str], action: FromPath[str]
) -> AutonomyOut:
    """Carry stage and evidence over the last change, when nothing would have been decided otherwise."""
    return _stage_out(await layer_of(request).carry_autonomy(ruleset, rule, action, actor_of(request)))


@get("/autonomy/audits", role="operator", summary="What went by itself and waits for a look")
async def audits(request: Request[Any, Any, Any]) -> list[dict[str, Any]]:
    """Return the actions that a person should look at, oldest first."""
    return [plain(each) for each in await layer_of(request).audits()]


@post("/autonomy/audits/{id:str}", role="operator", status_code=200, summary="Whether what went by itself was right")
async def audit(request: Request[Any, Any, Any], id: FromPath[str]) -> AutonomyOut:
    """Say whether an action was right; errors take autonomy back."""
    said = await read(request, AuditIn)
    result = await layer_of(request).audit(
        id, actor_of(request), correct=said.correct, reason=said.reason, critical=said.critical
    )
    if isinstance(result, Refused):
        raise from_problems(404, result.problems)
    return autonomy_out(result)


@get("/autonomy/seconds", role="operator", summary="What waits for a second look that does not know the first word")
async def seconds(request: Request[Any, Any, Any]) -> list[dict[str, Any]]:
    """Return decided actions to look at again, without what was decided."""
    return [plain(each) for each in await layer_of(request).seconds(actor_of(request))]


@post("/autonomy/seconds/{id:str}", role="operator", status_code=200, summary="A second person's word on an action")
async def second(request: Request[Any, Any, Any], id: FromPath[str]) -> AutonomyOut:
    """Say whether an action was right; a mistake that the first person let pass counts against the evidence."""
    said = await read(request, SecondIn)
    result = await layer_of(request).second(id, actor_of(request), correct=said.correct, reason=said.reason)
    if isinstance(result, Refused):
        raise from_problems(404, result.problems)
    return autonomy_out(result)


@get("/autonomy/{ruleset:str}/{rule:str}/{action:str}", role="viewer", summary="One action's stage with its evidence")
async def stage(
    request: Request[Any, Any, Any], ruleset: FromPath[str], rule: FromPath[str], action: FromPath[str]
) -> dict[str, Any]:
    """Return every check, label and step in the history of an action's stage."""
    found = await layer_of(request).stage(ruleset, rule, action)
    if isinstance(found, Refused):
        raise from_problems(404, found.problems)
    told: dict[str, Any] = plain(found)
    return told


async def _change(
    request: Request[Any, Any, Any],
    ruleset: str,
    rule: str,
    action: str,
    step: Literal["request", "promote", "demote"],
) -> AutonomyOut:
    return _stage_out(await layer_of(request).change_autonomy(ruleset, rule, action, step, actor_of(request)))


def _stage_out(result: Autonomy | Refused) -> AutonomyOut:
    if isinstance(result, Refused):
        unknown = any(each.code.startswith("unknown") for each in result.problems)
        raise from_problems(404 if unknown else 409, result.problems)
    return autonomy_out(result)


@get("/bundles", role="viewer", summary="Revisions of the configuration, newest first")
async def bundles(request: Request[Any, Any, Any]) -> list[BundleOut]:
    """Return the known bundles."""
    return [bundle_out(each) for each in await layer_of(request).bundles()]


@post("/bundles", role="analyst", status_code=201, summary="Make a bundle of the configuration on disk, or upload one")
async def make_bundle(request: Request[Any, Any, Any]) -> BundleOut:
    """Keep an archive (`application/x-tar`), or what is on disk, as a bundle, without activating it."""
    layer, actor = layer_of(request), actor_of(request)
    content = await request.body()
    if request.content_type[0] == TAR:
        result = await layer.upload_bundle(content, "", actor)
    else:
        note = (await read(request, BundleIn)).note if content else ""
        result = await layer.load_bundle(note, actor)
    if isinstance(result, Refused):
        raise from_problems(422, result.problems)
    return bundle_out(result)


@post("/bundles/rollback", role="admin", status_code=200, summary="Let the revision before the present one rule again")
async def rollback(request: Request[Any, Any, Any]) -> BundleOut:
    """Put the former revision in force from the next input on."""
    result = await layer_of(request).rollback_bundle(actor_of(request))
    if isinstance(result, Refused):
        raise from_problems(409, result.problems)
    return bundle_out(result)


@post("/bundles/{id:str}/activate", role="admin", status_code=200, summary="Let a bundle rule")
async def activate(request: Request[Any, Any, Any], id: FromPath[str]) -> BundleOut:
    """Activate a bundle from the next batch on."""
    result = await layer_of(request).activate_bundle(id, actor_of(request))
    if result is None:
        raise Faulty(404, "unknown-bundle", f"There is no bundle {id}.")
    if isinstance(result, Refused):
        raise from_problems(409, result.problems)
    return bundle_out(result)


@post("/clock", role="admin", status_code=200, summary="Move the simulated clock")
async def clock(request: Request[Any, Any, Any]) -> ClockOut:
    """Move the clock through every due moment; answers when all consequences are durable."""
    body = await read(request, ClockIn)
    if body.advance_to.tzinfo is None:
        raise Faulty(422, "naive-time", "`advance_to` needs its offset, e.g. 2026-01-05T08:00:00+03:00.")
    outcome = await layer_of(request).advance_clock(body.advance_to)
    if isinstance(outcome, NotSimulated):
        raise Faulty(404, "clock-not-simulated", "Start with serve --clock simulated --at MOMENT to move the clock.")
    if isinstance(outcome, Backwards):
        raise Faulty(422, "clock-backwards", "A clock does not go back.", now=plain(outcome.now))
    return ClockOut(outcome.now)
