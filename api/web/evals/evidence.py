"""The evidence for one action's autonomy: where it stands, what is missing, the labels, the record of each step."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote

from litestar import MediaType, Request, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from api.auth import actor_of
from api.facade import Layer
from api.outcomes import Autonomy, Refused, Stage
from api.problems import from_problems
from api.served import layer_of
from api.speech.states import state_words
from api.views import Actor
from api.web import items
from api.web.pages import page, speech
from api.web.session import checked_form
from api.web.tables import Table, columns, exported, one_of
from api.words import Words
from engine.source.problem import Problem

SHOWN = 200
STEPS = ("request", "promote", "demote", "carry", "audit", "second")


@get("/evals/evidence/{ruleset:str}/{rule:str}/{action:str}", role="viewer", media_type=MediaType.HTML)
async def evidence(
    request: Request[Any, Any, Any],
    ruleset: FromPath[str],
    rule: FromPath[str],
    action: FromPath[str],
    said: FromQuery[str] = "",
    bad: FromQuery[str] = "",
    table: FromQuery[str] = "",
    format: FromQuery[str] = "",
) -> Any:  # noqa: ANN401  (a page or a file)
    """Show all there is to know of an action's stage."""
    layer, words, name = layer_of(request), speech(request), f"{ruleset}/{rule}/{action}"
    found = await layer.stage(ruleset, rule, action)
    if isinstance(found, Refused):
        raise from_problems(404, found.problems)
    if format:
        return exported(format, f"evidence-{table or 'checks'}", one_of(_tables(found, words), table))
    samples = found.samples[: -SHOWN - 1 : -1]
    waiting = [("audit", each) for each in await layer.audits() if each.unit == name]
    waiting += [("second", each) for each in await layer.seconds(actor_of(request)) if each.unit == name]
    asked = [(kind, each, await layer.action(each.action)) for kind, each in waiting[:10]]
    return page(
        request,
        "evals/evidence.html",
        words=words,
        here="/rules",
        row=found.row,
        stage=found,
        unit=name,
        samples=samples,
        names=layer.labels([each.subject for each in samples] + [each.subject for _, each in waiting]),
        steps=tuple(reversed(found.history)),
        asked=asked,
        waiting=len(waiting),
        said=said[:400],
        bad=bad,
        path_of=items.subject_path,
        sources=origins(words),
        steps_said=steps(words),
    )


def origins(words: Words) -> Mapping[str, str]:
    """Return where a label comes from."""
    say = words.say
    return {
        "verdict": say("a verdict"), "outcome": say("what came of it"), "audit": say("an audit"),
        "second": say("a second review"),
    }  # fmt: skip


def steps(words: Words) -> Mapping[str, str]:
    """Return what the steps of an action's stage are called."""
    say = words.say
    return {
        "request": say("Asked"), "promote": say("Promoted"), "demote": say("Demoted"), "carry": say("Carried over"),
        "canary": say("More of it goes by itself"), "fingerprint": say("What it depends on was taken down"),
    }  # fmt: skip


def _tables(found: Stage, words: Words) -> Mapping[str, Table]:
    say = words.say
    checks = columns(say("Check"), say("Met"), say("Found"), say("Missing"), say("Source"))
    labels = columns(
        say("When"), say("Account"), say("Id"), say("Label"), say("critical"), say("From"), say("Who"), say("Note")
    )
    return {
        "checks": Table(
            checks,
            [
                (
                    words.told(each.name, ours=True), each.met, words.told(each.found, ours=True),
                    words.told(each.missing, ours=True), each.source,
                )
                for each in found.row.checks
            ],
        ),
        "labels": Table(
            labels,
            [
                (
                    each.at, each.subject, each.action, each.correct, each.critical, each.source, each.by,
                    words.told(each.why, ours=True) or each.reason,
                )
                for each in found.samples
            ],
        ),
    }  # fmt: skip


@post("/evals/evidence/{ruleset:str}/{rule:str}/{action:str}", role="operator", status_code=303)
async def changed(
    request: Request[Any, Any, Any], ruleset: FromPath[str], rule: FromPath[str], action: FromPath[str]
) -> Redirect:
    """Take a step, or a word on what went by itself or was decided before."""
    form, say = await checked_form(request), speech(request).say
    actor, does = actor_of(request), form.get("step", "")
    found = await _done(layer_of(request), (ruleset, rule, action), does, form, actor)
    if isinstance(found, Refused):
        told = " ".join(map(speech(request).problem, found.problems))
    else:
        told = say(
            "{rule} is at the stage {stage} now.",
            rule=f"{ruleset}/{rule}/{action}",
            stage=state_words(speech(request))[found.stage],
        )
    mark = "&bad=1" if isinstance(found, Refused) else ""
    return Redirect(f"/evals/evidence/{ruleset}/{rule}/{action}?said={quote(told[:400])}{mark}", status_code=303)


async def _done(
    layer: Layer, unit: tuple[str, str, str], does: str, form: Mapping[str, str], actor: Actor
) -> Autonomy | Refused:
    id, reason = form.get("id", ""), form.get("reason", "")
    right, critical = form.get("word") == "right", form.get("word") == "critical"
    if does == "audit":
        return await layer.audit(id, actor, correct=right, reason=reason, critical=critical)
    if does == "second":
        return await layer.second(id, actor, correct=right, reason=reason)
    if does not in STEPS or not ("admin" in actor.roles or (does == "request" and "analyst" in actor.roles)):
        return Refused((Problem("no-admin", f"{actor.id} is no admin"),))
    if does == "carry":
        return await layer.carry_autonomy(*unit, actor)
    return await layer.change_autonomy(*unit, cast("Any", does), actor)
