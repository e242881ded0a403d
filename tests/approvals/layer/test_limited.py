"""Who has roles for some rulesets reads of the others nothing but the company's facts: every GET route is walked."""

import itertools
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
from litestar import Litestar

from api.app import create_app
from api.limited import limited
from api.limited.view import Limited
from api.mcp.tools import TOOLS
from api.problems import Faulty
from api.render import plain
from api.served import Served
from api.views import Actor, NewKey
from api.web.admin.pages import titles
from api.web.session import COOKIE
from api.words import Words
from approvals.results import Decided
from tests.approvals.layer.company import PEOPLE, RULES, Company

LOCAL = Actor(id="local", roles=frozenset({"admin"}), channel="cli")
ADMIN = "roles: [operator, analyst, admin]"
DENIZ = f"  - {{id: deniz, name: Deniz Ak, email: d@anadolu.example, {ADMIN}, rulesets: [sales]}}\n"
BOTH = f"  - {{id: both, name: Both, email: b@anadolu.example, {ADMIN}, rulesets: [sales, dunning]}}\n"
SALES = """
format: 1
owner: zeynep
rules:
  - id: important
    for: customer
    when: city = "Rome"
    because: Worth a visit.
    do:
      - id: hello
        operation: mail.send
        with: {to: email, subject: '"Hello"', text: '"A visit would be nice."'}
        autonomy: letters
"""
FEE = "4711.77"
HIDDEN = RULES.replace("'\"Call \" + name'", f'\'"Call " + name + ", a fee of {FEE}"\'')
REMARK = "Ask the notary first"
WORDS = (
    "dunning", "invoice_due", FEE, "4,711.77", REMARK, "notary", "please pay", "when you can", "It is due", "It is late",
    "their lawyer", "nobody of theirs",
)  # fmt: skip
"""What only the other ruleset says: its names, the words and amounts of its actions, what people said of them."""
QUERIES = (
    "", "format=csv", "show=all", "show=all&format=csv", "everything=true", "everything=true&format=csv", "q=please",
    "q=Acme", "q=notary&format=csv", "workflow=dunning", "ruleset=dunning", "rule=due", "run=check&said=x", "run=1",
    "funnel=due", "table=denials&format=csv", "table=standing&format=csv", "table=timeline&format=csv",
    "table=happened&format=csv", "table=weeks&format=csv", "table=customer&format=csv", "table=labels&format=csv",
    "kind=actions", "state=pending", "state=sent", "head=1",
)  # fmt: skip


@pytest.fixture
def files() -> dict[str, str]:
    return {"people": PEOPLE + DENIZ + BOTH, "rules": HIDDEN}


@pytest.fixture
async def company(closed: Company) -> AsyncIterator[Company]:
    """Two rulesets about the same customer: one has letters waiting, sent, rejected for ever and spoken of."""
    (closed.home / "rules/sales").mkdir()
    (closed.home / "rules/sales/ruleset.yaml").write_text(SALES.lstrip(), encoding="utf-8")
    async with closed.open():
        await closed.tell("C1", status="late", city="Rome")
        await closed.rest()
        await closed.tell("C1", status="due", city="Rome")
        waiting = await closed.only("due")
        admin = Actor(id="elif", roles=frozenset({"admin"}), channel="web")
        assert isinstance(await closed.layer.comment(waiting.id, REMARK, admin), Decided)
        await closed.tell("C2", status="due")
        other = next(each for each in await closed.layer.actions(state="pending") if each.key.subject == "customer:C2")
        said = {"reason": "their lawyer writes", "code": "never"}
        assert isinstance(await closed.decide(other, "reject", **said), Decided)
        await closed.layer.set_switch("ruleset:dunning", on=True, reason="nobody of theirs is in", actor=admin)
        await closed.layer.index()
        await closed.layer.load_bundle("all of it", admin)
        yield closed


async def marks(company: Company) -> set[str]:
    """Return what tells of the other ruleset: its words, and the ids and digests of its actions and decisions."""
    actions = [each for each in await company.layer.actions(limit=100) if each.key.ruleset == "dunning"]
    decisions = await company.layer.decisions(ruleset="dunning", limit=100)
    assert {each.state for each in actions} == {"sent", "pending", "rejected"}
    return {*WORDS, *(each.id for each in (*actions, *decisions)), *(each.digest for each in actions)}


async def named(company: Company) -> dict[str, list[str]]:
    """Return what of the other ruleset may stand for each parameter of an address."""
    waiting, sent = await company.only("due", "pending"), await company.only("late", "sent")
    bundles = [each.id for each in await company.layer.bundles()]
    return {
        "id": [waiting.id, sent.id, "dunning", "C1", *bundles],
        "ruleset": ["dunning"], "workflow": ["dunning"], "rule": ["due"], "action": ["letter"], "type": ["customer"],
        "path": ["rules/dunning/ruleset.yaml", "rules/dunning/prompts/letter.md", "config/people.yaml"],
        "what": ["ruleset:dunning", "all"], "source": ["erp"], "address": ["erp/customers/C1"], "token": ["x"],
        "name": [each for each, _ in titles(Words("UTC"))],
    }  # fmt: skip


def paths(app: Litestar, values: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Yield the template and each address of every GET route, its parameters filled with each of their values."""
    for route in app.routes:
        template = route.path_format
        if "GET" not in getattr(route, "methods", ()) or template.startswith("/static"):
            continue
        names = re.findall(r"\{(\w+)\}", template)
        for chosen in itertools.product(*(values[name] for name in names)):
            address = template
            for name, value in zip(names, chosen, strict=True):
                address = address.replace(f"{{{name}}}", value, 1)
            yield template, address.replace("//", "/")


@asynccontextmanager
async def browsing(company: Company, person: str) -> AsyncIterator[tuple[Litestar, httpx.AsyncClient]]:
    """Return a client that is signed in on the web and holds an API key, as one person."""
    served = Served(company.layer)
    served.closing.set()  # a stream ends after its first look
    app = create_app(served)
    key = await company.layer.create_key(f"{person}'s", None, LOCAL, person=person)
    until = company.clock.now() + timedelta(hours=1)
    web = await company.layer.create_key("web", None, LOCAL, person=person, kind="session", expires_at=until)
    assert isinstance(key, NewKey)
    assert isinstance(web, NewKey)
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://opslayer.test", headers={"Authorization": f"Bearer {key.secret}"},
        cookies={COOKIE: web.secret},
    ) as client:  # fmt: skip
        yield app, client


async def walked(company: Company, person: str) -> dict[str, set[str]]:
    """Return which marks every GET route told this person, without those that stood in its address."""
    told: dict[str, set[str]] = {}
    found, values = await marks(company), await named(company)
    async with browsing(company, person) as (app, client):
        for template, address in paths(app, values):
            for query in QUERIES:
                url = f"{address}?{query}"
                answer = await client.get(url, follow_redirects=False)
                assert answer.status_code < 500, (url, answer.text[:300])
                seen = f"{answer.text} {answer.headers}"
                told.setdefault(template, set()).update(each for each in found if each in seen and each not in url)
    return told


async def test_a_reader_of_one_ruleset_finds_nothing_of_another_behind_any_get(company: Company):
    told = await walked(company, "deniz")
    assert {route: seen for route, seen in told.items() if seen} == {
        # who works here, and on which rulesets, is for everybody
        "/api/v1/people": {"dunning"}, "/admin/{name}": {"dunning"}, "/api/v1/config/files/{path}": {"dunning"},
        "/api/v1/bundles/{id}": {"dunning"},
    }  # fmt: skip


async def test_the_same_walk_tells_who_has_no_limits_all_of_it(company: Company):
    """The walk above is worth something: the very same addresses tell an admin what was looked for."""
    hidden = await company.only("due", "pending")
    told = await walked(company, "elif")
    assert {route for route, seen in told.items() if hidden.id in seen} >= {
        "/api/v1/actions", "/api/v1/inbox", "/api/v1/decisions", "/inbox", "/queue", "/search",
        "/customers/{id}", "/api/v1/customers/{id}",
    }  # fmt: skip
    assert {route for route, seen in told.items() if "dunning" in seen} >= {
        "/api/v1/kill-switches", "/api/v1/autonomy", "/api/v1/standing", "/api/v1/config", "/admin/{name}", "/rules",
        "/workflows", "/report",
    }  # fmt: skip
    assert set().union(*told.values()) >= set(WORDS) - {"4,711.77"}


async def test_ones_own_is_there_with_the_customers_facts(company: Company):
    own = await company.only("important")
    async with browsing(company, "deniz") as (_, client):
        listed = (await client.get("/api/v1/actions")).json()["items"]
        customer = (await client.get("/api/v1/customers/C1")).json()
        decisions = (await client.get("/api/v1/decisions?limit=1")).json()
        behind = (await client.get(f"/api/v1/decisions?limit=1&after={decisions['next'] or own.id}")).json()
        inbox = (await client.get("/api/v1/inbox?everything=true")).json()
        page = (await client.get("/customers/C1")).text
        live = (await client.get("/live?head=1")).text
    assert [each["id"] for each in listed] == [own.id]
    assert [each["id"] for each in customer["actions"]] == [own.id]
    assert [each["id"] for each in decisions["items"]] == [own.id]
    assert (decisions["next"], behind["items"]) == (None, [])
    assert [each["action"]["id"] for one in inbox for each in one["waiting"]] == [own.id]
    assert customer["customer"]["fields"]["owed"]["value"] == {"amount": "100.00", "currency": "EUR"}
    assert own.id in page
    assert '"waiting":1' in live.replace(" ", "")


async def test_who_has_roles_for_both_reads_both_page_by_page(company: Company):
    async with browsing(company, "both") as (_, client):
        pages, after = [], ""
        while True:
            page = (await client.get(f"/api/v1/actions?limit=1&after={after}")).json()
            pages.append(page["items"])
            if not (after := page["next"] or ""):
                break
        decisions = (await client.get("/api/v1/decisions")).json()["items"]
    every = await company.layer.actions(limit=100)
    assert sorted(each.id for each in every) == sorted(each["id"] for [each] in pages)
    assert [each["id"] for each in decisions] == [each.id for each in await company.layer.decisions()]


async def test_what_is_looked_for_by_its_id_is_404_and_in_the_journal(company: Company):
    hidden = await company.only("due", "pending")
    async with browsing(company, "deniz") as (_, client):
        for path in (f"/api/v1/actions/{hidden.id}", f"/actions/{hidden.id}", f"/api/v1/decisions/{hidden.id}"):
            before = len(await company.layer.parts.store.entries(kinds=("denied",)))
            unknown = await client.get(path.replace(hidden.id, "f" * 32))
            answer = await client.get(path)
            assert (answer.status_code, unknown.status_code) == (404, 404), path
            assert answer.headers["content-type"] == unknown.headers["content-type"]
            denied = await company.layer.parts.store.entries(kinds=("denied",))
            assert len(denied) == before + 1, path
            assert denied[-1].actor == "deniz"


async def test_a_link_to_what_one_may_not_read_any_more_shows_nothing(company: Company):
    hidden, parts = await company.only("due", "pending"), company.layer.parts
    async with parts.pipeline.transaction() as tx:
        link = await parts.links.issue(tx, hidden, parts.people["deniz"], company.clock.now())
        other = await parts.links.issue(tx, hidden, parts.people["ayse"], company.clock.now())
    assert link is not None
    assert other is not None
    assert await company.layer.asked(link.token) is None
    shown = await company.layer.asked(other.token)
    assert shown is not None
    assert shown.action.id == hidden.id


async def assisted(company: Company, rulesets: tuple[str, ...]) -> set[str]:
    """Return which marks the tools of an assistant tell that asks for somebody with these rulesets."""
    actor = Actor(id="deniz", roles=frozenset({"operator"}), channel="mcp", rulesets=rulesets)
    layer, found, told = limited(company.layer, actor), await marks(company), ""
    about = {"subject": "customer:C1", "rule": "dunning/due", "type": "customer", "text": "Acme", "words": "please"}
    for tool in TOOLS:
        if tool.changes:
            continue
        names = {each.name for each in msgspec.structs.fields(tool.ask)}
        for id in (await named(company))["id"] if "id" in names else [""]:
            given = {name: value for name, value in (about | {"id": id}).items() if name in names}
            with suppress(Faulty):
                told += str(plain(await tool.answer(layer, actor, msgspec.convert(given, tool.ask)))).replace(id, "")
    return {each for each in found if each in told}


async def test_an_assistant_of_a_reader_of_one_ruleset_finds_nothing_of_another(company: Company):
    assert await assisted(company, ("sales",)) == set()
    assert await assisted(company, ()) >= {"dunning", "please pay", REMARK}


async def test_a_comparison_is_for_who_answers_for_every_ruleset(company: Company):
    async with browsing(company, "deniz") as (_, client):
        answer = await client.post("/api/v1/config/diff", json={"base": "in-force"})
    assert answer.status_code == 422
    assert "all of them" in answer.json()["detail"]


def test_what_nobody_named_is_refused(company: Company):
    deniz = Actor(id="deniz", roles=frozenset({"admin"}), channel="api", rulesets=("sales",))
    with pytest.raises(AttributeError, match="limited to some rulesets"):
        _ = Limited(company.layer, deniz).dispatch


async def test_the_weekly_report_goes_to_no_owner_who_may_not_read_the_ruleset(
    company: Company, monkeypatch: pytest.MonkeyPatch
):
    assert company.layer._owners() == {"zeynep": {"dunning", "sales"}}
    zeynep = company.layer.parts.people["zeynep"]
    limited = msgspec.structs.replace(zeynep, rulesets=frozenset({"sales"}))
    monkeypatch.setattr(company.layer.parts, "people", {**company.layer.parts.people, "zeynep": limited})
    assert company.layer._owners() == {"zeynep": {"sales"}}


def test_no_route_takes_the_whole_layer_past_the_view():
    root = Path(create_app.__code__.co_filename).parent
    files = [*(root / "routes").rglob("*.py"), *(root / "web").rglob("*.py"), root / "auth.py"]
    assert len(files) > 40
    assert [file.name for file in files if re.search(r"served(_of\(\w+\))?\.layer\b", file.read_text("utf-8"))] == []
