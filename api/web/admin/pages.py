"""Admin: what runs, who may do what, what was refused, and the switches that stop it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from litestar import MediaType, Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from api.facade import Layer
from api.insight.port import Denied
from api.problems import Faulty
from api.served import layer_of
from api.web.admin import configuration
from api.web.pages import page, speech
from api.web.tables import Table, columns, exported, one_of
from api.words import Words

Section = Callable[[Layer, Words], Awaitable[dict[str, Any]]]


@get("/admin", role="auditor")
async def admin() -> Redirect:
    """Go to the first section."""
    return Redirect("/admin/sources", status_code=303)


@get("/admin/{name:str}", role="auditor", media_type=MediaType.HTML)
async def section(
    request: Request[Any, Any, Any],
    name: FromPath[str],
    table: FromQuery[str] = "",
    format: FromQuery[str] = "",
    run: FromQuery[str] = "",
    said: FromQuery[str] = "",
    bad: FromQuery[str] = "",
) -> Any:  # noqa: ANN401  (a page or a file)
    """Show one section."""
    layer, words = layer_of(request), speech(request)
    if name not in SECTIONS:
        raise Faulty(404, "unknown-section", f"There is no section {name}.")
    found = await SECTIONS[name](layer, words)
    if format:
        return exported(format, f"{name}-{table}" if table else name, one_of(found["tables"], table))
    checked = await layer.check() if run == "check" else None
    told = {key: value for key, value in found.items() if key != "tables"}
    return framed(request, name, words, said, bad, checked=checked, **told)


def framed(request: Request[Any, Any, Any], name: str, words: Words, said: str, bad: str, **context: Any) -> Template:  # noqa: ANN401  (what the template shows)
    """Return a section's page under the menu of all sections; `said` is what came of the form before."""
    return page(
        request, f"admin/{name}.html", words=words, here="/admin", section=name, sections=titles(words),
        said=said[:300], bad=bad, **context,
    )  # fmt: skip


def titles(words: Words) -> list[tuple[str, str]]:
    """Return the sections in order."""
    say = words.say
    return [
        ("sources", say("Sources")), ("quarantine", say("Quarantine")), ("letters", say("Unclear and failed")),
        ("identity", say("Who is who")),
        ("people", say("People and keys")), ("switches", say("Kill switches")), ("autonomy", say("Autonomy")),
        ("bundles", say("Configuration")), ("journal", say("Journal")), ("spend", say("Models")),
    ]  # fmt: skip


async def _sources(layer: Layer, words: Words) -> dict[str, Any]:
    say, sources = words.say, await layer.sources()
    rows = [(each.name, each.connector, each.state, each.fresh_at, each.detail) for each in sources]
    heads = columns(say("Name"), say("Connector"), say("State"), say("Fresh at"), say("Detail"))
    return {"sources": sources, "tables": {"": Table(heads, rows)}}


async def _quarantine(layer: Layer, words: Words) -> dict[str, Any]:
    say, items = words.say, await layer.quarantine()
    rows = [
        (each.id, each.source, each.stream, each.key, str(each.problem), each.at, each.times, each.raw)
        for each in items
    ]
    heads = columns(
        say("Id"), say("Source"), say("Stream"), say("Key"), say("Problem"), say("At"), say("Times"), say("Record")
    )
    return {"items": items[:200], "total": len(items), "tables": {"": Table(heads, rows)}}


async def _letters(layer: Layer, words: Words) -> dict[str, Any]:
    say = words.say
    lines = [each for each in await layer.lines() if each.state in ("unknown", "failed")]
    names = layer.labels([each.subject for each in lines])
    rows = [(each.id, each.state, each.subject, each.operation, each.heading, each.ended_at) for each in lines]
    heads = columns(say("Id"), say("State"), say("Subject"), say("Operation"), say("What"), say("Since"))
    return {"lines": lines[:200], "names": names, "tables": {"": Table(heads, rows)}}


async def _people(layer: Layer, words: Words) -> dict[str, Any]:
    say, people, keys = words.say, await layer.people_now(), await layer.keys()
    rows = [(each.id, each.name, each.email, ", ".join(each.roles), ", ".join(each.rulesets)) for each in people]
    heads = columns(say("Id"), say("Name"), say("E-mail"), say("Roles"), say("Workflows"))
    standing, denials = await layer.standing(), await layer.denials(30)
    names = layer.labels([each.account for each in standing])
    tables = {
        "people": Table(heads, rows),
        "keys": Table(
            columns(say("Name"), say("Person"), say("Role"), say("Since"), say("Revoked at")),
            [(each.name, each.person, each.role, each.created_at, each.revoked_at) for each in keys],
        ),
        "standing": Table(
            columns(say("Account"), say("Name"), say("Workflow"), say("Rule"), say("Who"), say("At")),
            [
                (each.account, names.get(each.account, ""), each.ruleset, each.rule, each.by, each.at)
                for each in standing
            ],
        ),
        "denials": _denied(denials, words),
    }
    return {
        "people": people, "keys": keys, "standing": standing, "names": names, "denials": denials, "tables": tables,
    }  # fmt: skip


async def _switches(layer: Layer, words: Words) -> dict[str, Any]:
    switches, say = await layer.switches(), words.say
    scopes = ["all"]
    for each in layer.rulesets():
        scopes += [f"ruleset:{each.id}", *(f"rule:{each.id}/{rule.id}" for rule in each.rules)]
    scopes += [f"source:{each.name}" for each in await layer.sources()]
    rows = [(each.scope, each.reason) for each in switches]
    return {"switches": switches, "scopes": scopes, "tables": {"": Table(columns(say("Scope"), say("Reason")), rows)}}


async def _autonomy(layer: Layer, words: Words) -> dict[str, Any]:
    say, stages = words.say, await layer.autonomy()
    rows = [
        (
            each.ruleset,
            each.rule,
            each.action,
            each.stage,
            each.policy,
            each.labelled,
            each.correct,
            "; ".join(each.missing),
        )
        for each in stages
    ]
    heads = columns(
        say("Workflow"), say("Rule"), say("Action"), say("Stage"), say("Policy"), say("Labelled"), say("Correct"),
        say("Missing"),
    )  # fmt: skip
    return {"stages": stages, "tables": {"": Table(heads, rows)}}


async def _journal(layer: Layer, words: Words) -> dict[str, Any]:
    denials = await layer.denials(200)
    return {
        "entries": await layer.head(),
        "ready": await layer.ready(),
        "denials": denials,
        "tables": {"denials": _denied(denials, words)},
    }


def _denied(denials: Sequence[Denied], words: Words) -> Table:
    heads = columns(words.say("At"), words.say("Who"), words.say("What"))
    return Table(heads, [(each.at, each.actor, each.text) for each in denials])


async def _spend(layer: Layer, words: Words) -> dict[str, Any]:
    say, spend, budgets = words.say, await layer.spend(), (await layer.measures()).spending
    rows = [(each.day, each.model, each.calls, each.tokens, each.cost) for each in spend]
    heads = columns(say("Day"), say("Model"), say("Calls"), say("Tokens"), say("Cost"))
    spent = Table(columns(say("Budget"), say("Spent")), list(budgets.items()))
    return {"spend": spend, "budgets": budgets, "tables": {"": Table(heads, rows), "budgets": spent}}


SECTIONS: Mapping[str, Section] = {
    "sources": _sources,
    "quarantine": _quarantine,
    "letters": _letters,
    "people": _people,
    "switches": _switches,
    "autonomy": _autonomy,
    "bundles": configuration.section,
    "journal": _journal,
    "spend": _spend,
}
