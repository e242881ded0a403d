"""Rules: each ruleset in prose beside its YAML, with what it did and how far it may act by itself."""

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

from litestar import MediaType, Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Template
from markupsafe import Markup

from api.insight.figures import Tally, by_rule, by_workflow
from api.insight.port import Cases, RulesetView
from api.outcomes import Refused
from api.problems import Faulty
from api.reasons import Funnel
from api.served import layer_of
from api.web.pages import page, speech
from api.web.rules.prose import told
from api.web.tables import Table, columns, exported, one_of
from api.words import Words

PERIOD = timedelta(days=90)


@get("/rules", role="viewer")
async def rules(request: Request[Any, Any, Any]) -> Template:
    """Show every ruleset."""
    layer, words = layer_of(request), speech(request)
    now = layer.clock.now()
    figures = by_workflow(await layer.chronicle(), now - PERIOD, now)
    return page(request, "rules/list.html", words=words, rulesets=layer.rulesets(), figures=figures)


@get("/rules/{id:str}", role="viewer", media_type=MediaType.HTML)
async def ruleset(
    request: Request[Any, Any, Any],
    id: FromPath[str],
    run: FromQuery[str] = "",
    funnel: FromQuery[str] = "",
    format: FromQuery[str] = "",
    table: FromQuery[str] = "",
) -> Any:  # noqa: ANN401  (a page or a file)
    """Show one ruleset; `run` runs its examples, `funnel` counts who passes a rule's parts."""
    layer, words = layer_of(request), speech(request)
    found = ruleset_of(layer.rulesets(), id)
    now = layer.clock.now()
    figures = by_rule(await layer.chronicle(), id, now - PERIOD, now)
    counted = await layer.funnel(f"{id}/{funnel}") if funnel else None
    passing = None if counted is None or isinstance(counted, Refused) else counted
    cases = await layer.cases(id)
    if format:
        return exported(format, f"rules-{id}", one_of(_tables(figures, cases, passing, words), table))
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
        funnel=passing,
        cases=cases,
        counted=funnel,
        told=lambda text: told(text, words),
        files=[(name, _numbered(text, named=name.endswith("ruleset.yaml"))) for name, text in found.texts.items()],
    )


def _tables(figures: Mapping[str, Tally], cases: Cases, funnel: Funnel | None, words: Words) -> Mapping[str, Table]:
    say = words.say
    names = ("flagged", "approved", "edited", "rejected", "withdrawn", "sent", "good", "bad")
    heads = columns(
        say("Rule"), say("flagged"), say("approved"), say("edited"), say("rejected"), say("withdrawn"), say("sent"),
        say("went well"), say("went wrong"),
    )  # fmt: skip
    ran = columns(
        say("At"), say("Revision"), say("Cases"), say("Passed"), say("Precision"), say("Recall"), say("Why it failed")
    )
    return {
        "rules": Table(heads, [(rule, *(getattr(each, name) for name in names)) for rule, each in figures.items()]),
        "cases": Table(columns(say("Case"), say("What it shows"), say("Never to fail")), cases.cases),
        "runs": Table(
            ran,
            [
                (each.at, each.revision, each.cases, each.passed, each.precision, each.recall, "; ".join(each.reasons))
                for each in cases.runs
            ],
        ),
        "funnel": Table(
            columns(say("Part"), say("pass it"), say("are left")),
            [(each.text, each.passing, each.left) for each in funnel.stages] if funnel else [],
        ),
    }


def ruleset_of(rulesets: tuple[RulesetView, ...], id: str) -> RulesetView:
    """Return a ruleset by its id; raises Faulty 404."""
    found = next((each for each in rulesets if each.id == id), None)
    if found is None:
        raise Faulty(404, "unknown-ruleset", f"There is no ruleset {id}.")
    return found


@lru_cache(maxsize=256)
def _numbered(text: str, *, named: bool) -> Markup:
    """Return a file with its lines numbered and, when they are `named`, with addresses; drawn once, for it is long."""
    line = Markup('<span{}><span class="at">{}</span>{}\n</span>')
    address = Markup(' id="L{}"') if named else Markup("")
    return Markup("").join(line.format(address.format(at), at, each) for at, each in enumerate(text.splitlines(), 1))
