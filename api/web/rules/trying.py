"""Try it: change facts of a subject and see which rules would hold and why; nothing is kept."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import MediaType, Request, get
from litestar.params import FromPath, FromQuery

from api.facade import Layer
from api.insight.port import Trial
from api.outcomes import Refused
from api.served import layer_of
from api.web.pages import page, speech
from api.web.rules.pages import ruleset_of
from api.web.rules.prose import told
from api.web.tables import Table, columns, exported, one_of
from api.words import Words

SHOWN = 60
MEMBERS = 10
"""So many of a subject's own are shown at first; each has a form field for every fact."""


@get("/rules/{id:str}/try", role="viewer", media_type=MediaType.HTML)
async def try_page(
    request: Request[Any, Any, Any],
    id: FromPath[str],
    subject: FromQuery[str] = "",
    on: FromQuery[str] = "",
    everything: FromQuery[bool] = False,
    proof: FromQuery[str] = "",
    format: FromQuery[str] = "",
    table: FromQuery[str] = "",
) -> Any:  # noqa: ANN401  (a page or a file)
    """Show the facts of a subject as a form, and what follows from them as changed."""
    layer, words = layer_of(request), speech(request)
    found = ruleset_of(layer.rulesets(), id)
    subject = subject or await _first(layer, id)
    asked = {name[2:]: value for name, value in request.query_params.items() if name.startswith("f.")}
    present = await layer.trial(id, subject, {}) if subject else None
    texts = {each.path: each.text for each in present.facts} if isinstance(present, Trial) else {}
    changes = {path: value for path, value in asked.items() if value != texts.get(path)}
    at = _moment(on, layer)
    tried = await layer.trial(id, subject, changes, at) if isinstance(present, Trial) else None
    members = _members(tried)
    if format and isinstance(tried, Trial):
        return exported(format, f"try-{id}", one_of(_tables(tried, words), table))
    return page(
        request,
        "rules/try.html",
        words=words,
        ruleset=found,
        subject=subject,
        who=layer.labels([subject]).get(subject, subject),
        known=isinstance(present, Trial),
        trial=tried if isinstance(tried, Trial) else None,
        problems=tried.problems if isinstance(tried, Trial) else _problems(present),
        asked=asked,
        changes=changes,
        shown_proof=proof,
        asked_query=_query(request, subject),
        on=on,
        own=_facts(tried, derived=False),
        derived=_facts(tried, derived=True),
        members=members[: None if everything else MEMBERS],
        more=0 if everything else max(0, len(members) - MEMBERS),
        choices=await layer.find("customer", "", limit=SHOWN),
        told=lambda text: told(text, words),
    )


def _tables(tried: Trial, words: Words) -> Mapping[str, Table]:
    say = words.say
    rules = [
        (each.rule, part.text, part.truth, each.before, each.after) for each in tried.rules for part in each.conjuncts
    ]
    facts = [(each.path, each.value, each.after, each.changed, each.derived) for each in tried.facts]
    return {
        "rules": Table(columns(say("Rule"), say("Part"), say("now"), say("Rule before"), say("Rule after")), rules),
        "facts": Table(columns(say("Fact"), say("before"), say("after"), say("changed"), say("worked out")), facts),
    }


def _query(request: Request[Any, Any, Any], subject: str) -> str:
    """Return the query that asks for the same trial."""
    left = ("proof", "everything", "format", "table")
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in left]
    return urlencode(kept or [("subject", subject)])


async def _first(layer: Layer, ruleset: str) -> str:
    """Return what the ruleset spoke of last."""
    lines = [each for each in await layer.lines() if each.ruleset == ruleset]
    waiting = [each for each in lines if each.state == "pending"]
    return (waiting or lines)[0].subject if lines else ""


def _moment(on: str, layer: Layer) -> datetime | None:
    """Return the end of a day in the company's zone."""
    try:
        day = datetime.fromisoformat(on)
    except ValueError:
        return None
    return day.replace(tzinfo=ZoneInfo(layer.timezone), hour=0, minute=0) + timedelta(hours=12)


def _problems(present: Trial | Refused | None) -> tuple[str, ...]:
    return tuple(str(each.message) for each in present.problems) if isinstance(present, Refused) else ()


def _facts(trial: Any, *, derived: bool) -> list[Any]:  # noqa: ANN401  (Trial or a refusal)
    if not isinstance(trial, Trial):
        return []
    own = [each for each in trial.facts if each.path.rpartition(".")[0] == trial.subject]
    return [each for each in own if each.derived == derived and (each.value is not None or not derived or each.changed)]


def _members(trial: Any) -> list[tuple[str, list[Any]]]:  # noqa: ANN401  (Trial or a refusal)
    if not isinstance(trial, Trial):
        return []
    groups: dict[str, list[Any]] = {}
    for each in trial.facts:
        ref = each.path.rpartition(".")[0]
        if ref != trial.subject:
            groups.setdefault(ref, []).append(each)
    return sorted(groups.items(), key=lambda pair: not any(each.changed for each in pair[1]))
