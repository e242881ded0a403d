"""Rules: each ruleset in prose beside its YAML, with what it did and how far it may act by itself."""

from datetime import timedelta
from typing import Any

from litestar import MediaType, Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from api.insight.figures import by_rule, by_workflow
from api.insight.port import RulesetView
from api.outcomes import Refused
from api.problems import Faulty
from api.served import layer_of
from api.web.pages import page, speech
from api.web.rules.prose import told
from api.web.tables import Column, Table, exported
from api.words import label

PERIOD = timedelta(days=90)


@get("/rules", role="viewer")
async def rules(request: Request[Any, Any, Any]) -> Template:
    """Show every ruleset."""
    layer, words = layer_of(request), speech(request)
    now = layer.clock.now()
    figures = by_workflow(await layer.lines(), now - PERIOD, now)
    return page(request, "rules/list.html", words=words, rulesets=layer.rulesets(), figures=figures)


@get("/rules/{id:str}", role="viewer", media_type=MediaType.HTML)
async def ruleset(
    request: Request[Any, Any, Any],
    id: FromPath[str],
    run: FromQuery[str] = "",
    funnel: FromQuery[str] = "",
    format: FromQuery[str] = "",
) -> Any:  # noqa: ANN401  (a page or a file)
    """Show one ruleset; `run` runs its examples, `funnel` counts who passes a rule's parts."""
    layer, words = layer_of(request), speech(request)
    found = ruleset_of(layer.rulesets(), id)
    now = layer.clock.now()
    figures = by_rule(await layer.lines(), id, now - PERIOD, now)
    if format:
        columns = [Column(each, label(each)) for each in ("rule", "flagged", "approved", "edited", "rejected", "sent")]
        rows = [
            (rule, each.flagged, each.approved, each.edited, each.rejected, each.sent) for rule, each in figures.items()
        ]
        return exported(format, f"rules-{id}", Table(columns, rows))
    counted = await layer.funnel(f"{id}/{funnel}") if funnel else None
    bundle = next((each for each in await layer.bundles() if each.active), None)
    return page(
        request,
        "rules/ruleset.html",
        words=words,
        ruleset=found,
        figures=figures,
        stages={(each.rule, each.action): each for each in await layer.autonomy() if each.ruleset == id},
        bundle=bundle,
        people={each.id: each.name for each in layer.people()},
        examples=await layer.examples(id) if run else None,
        funnel=None if isinstance(counted, Refused) else counted,
        counted=funnel,
        told=lambda text: told(text, words.say),
        label=label,
        files=[(name, _numbered(text)) for name, text in found.texts.items()],
    )


def ruleset_of(rulesets: tuple[RulesetView, ...], id: str) -> RulesetView:
    """Return a ruleset by its id; raises Faulty 404."""
    found = next((each for each in rulesets if each.id == id), None)
    if found is None:
        raise Faulty(404, "unknown-ruleset", f"There is no ruleset {id}.")
    return found


def _numbered(text: str) -> list[tuple[int, str]]:
    return list(enumerate(text.splitlines(), 1))
