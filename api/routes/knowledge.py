"""GET of entities, customers, decisions: what is known, and why."""

from typing import Annotated, Any

from litestar import Request, get
from litestar.params import FromPath, FromQuery, QueryParameter

from api.outcomes import Refused
from api.problems import Faulty
from api.reasons import Funnel
from api.routes.shapes import (
    CustomerOut,
    DecisionOut,
    EntityOut,
    Listing,
    customer_out,
    decision_out,
    entity_out,
)
from api.served import layer_of

Limit = Annotated[int, QueryParameter(ge=1, le=500, description="how many to return")]


@get("/entities/{type:str}/{id:path}", role="viewer", summary="The kept fields of an entity with provenance")
async def entity(request: Request[Any, Any, Any], type: FromPath[str], id: FromPath[str]) -> EntityOut:
    """Return one entity."""
    id = id.removeprefix("/")
    found = await layer_of(request).entity(type, id)
    if found is None:
        raise Faulty(404, "unknown-entity", f"There is no {type} {id}.")
    return entity_out(found)


@get("/customers/{id:path}", role="viewer", summary="The unified view of a customer")
async def customer(request: Request[Any, Any, Any], id: FromPath[str]) -> CustomerOut:
    """Return everything known of a customer, each part with its source and age."""
    id = id.removeprefix("/")
    found = await layer_of(request).customer(id)
    if found is None:
        raise Faulty(404, "unknown-entity", f"There is no customer {id}.")
    return customer_out(found)


@get("/decisions", role="viewer", summary="Decisions, newest first")
async def decisions(
    request: Request[Any, Any, Any],
    ruleset: FromQuery[str] = "",
    rule: FromQuery[str] = "",
    subject: FromQuery[str] = "",
    after: FromQuery[str] = "",
    limit: Limit = 50,
) -> Listing[DecisionOut]:
    """Return a page of decisions; `after` is the cursor of the page before."""
    found = await layer_of(request).decisions(ruleset=ruleset, rule=rule, subject=subject, after=after, limit=limit + 1)
    items = [decision_out(each, with_proof=False) for each in found[:limit]]
    return Listing(items, items[-1].id if len(found) > limit else None)


@get("/decisions/{id:str}", role="viewer", summary="One decision with its proof")
async def decision(request: Request[Any, Any, Any], id: FromPath[str]) -> DecisionOut:
    """Return one decision."""
    found = await layer_of(request).decision(id)
    if found is None:
        raise Faulty(404, "unknown-decision", f"There is no decision {id}.")
    return decision_out(found, with_proof=True)


@get("/rules/{ruleset:str}/{rule:str}/funnel", role="viewer", summary="How many subjects pass each part of a rule")
async def funnel(request: Request[Any, Any, Any], ruleset: FromPath[str], rule: FromPath[str]) -> Funnel:
    """Return for each conjunct of the rule's condition how many pass it alone, and how many all up to it."""
    found = await layer_of(request).funnel(f"{ruleset}/{rule}")
    if isinstance(found, Refused):
        raise Faulty(404, "unknown-rule", f"There is no rule {ruleset}/{rule}.")
    return found
