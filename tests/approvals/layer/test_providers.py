"""The whole flow on each provider, each over its own protocol on loopback: only the texts differ."""

import asyncio
import json
import re

import pytest

from approvals.results import Decided
from engine.events import Record
from tests.api.test_serve import opslayer
from tests.approvals.layer.company import POLICIES, Company, Mailbox
from tests.approvals.peer import Peer
from tests.connectors.loopback import loopback
from tests.connectors.test_llm import ANSWERS, KINDS, MODULES, texts_of

MODELS = """
format: 1
providers:
  first: {{kind: {kind}, model: small, base_url: "{url}", timeout: PT10S, price: {{in: 1, out: 2}}}}
routes:
  draft:
    providers: [first, template]
    within: PT20S
"""
OPENING = {"openai": "We hope you are well.", "anthropic": "Thank you for your trust.", "google-genai": "Good day."}
UNDO = POLICIES.replace("letters: {approval: always,", "letters: {approval: always, undo: PT2M,")


def letter(kind):
    body = f"Dear {{customer}},\n\n{OPENING[kind]} Please pay the open {{owed}} when you can. Thank you."
    return json.dumps({"subject": "A reminder for {customer}", "body": body})


async def lived(company: Company, kind: str):
    """Let a customer become due, approve the letter, send it; return what happened without the words."""
    async with company.open():
        await company.tell(status="due")
        waiting = await company.only("due")
        assert isinstance(await company.decide(waiting, "approve"), Decided)
        company.advance(minutes=5)
        await company.rest()
        sent = await company.only("due")
        entries = await company.layer.parts.store.entries(kinds=("llm",))
    [mail] = company.box.mails
    facts = [item.state for item in sent.history], sent.recipient, mail["To"], sorted(sent.payload)
    return facts, mail.get_content().strip(), sent, [entry.body for entry in entries]


@pytest.fixture(params=[*KINDS, "template"])
async def on(request, closed: Company):
    """The company with one provider behind it, or with none."""
    kind = request.param
    if kind == "template":
        yield kind, closed, None
        return
    pytest.importorskip(MODULES.get(kind, kind))
    async with loopback() as server:
        answer = ANSWERS[kind](content=letter(kind))
        server.route = lambda _: (200, answer, {"Content-Type": "application/json"})
        url = f"{server.url}/v1" if kind == "openai" else server.url
        (closed.home / "config/models.yaml").write_text(MODELS.format(kind=kind, url=url))
        yield kind, closed, server


@pytest.mark.parametrize("files", [{"policies": UNDO}])
async def test_only_the_texts_differ(on):
    kind, company, server = on
    facts, text, sent, calls = await lived(company, kind)
    states, recipient, to, keys = facts
    assert states == ["proposed", "pending", "approved", "sending", "sent"]
    assert recipient == to == "info@c1.example"
    assert keys == ["subject", "text", "to"]
    assert "EUR 100.00" in text
    assert OPENING.get(kind, "Dear Acme C1") in text
    assert sent.draft is not None
    if server is None:
        assert (sent.draft.origin, calls) == ("template", [])
        return
    assert sent.draft.origin == "model:small-1"
    told = texts_of(kind, server.seen[0].body)
    assert "Acme" not in " ".join(told), "the model learns no value"
    assert {call["result"] for call in calls} == {"ok"}
    assert {(call["tokens_in"], call["cost"]) for call in calls} == {(70, "0.00011")}


async def test_what_a_model_invents_never_leaves(on):
    kind, company, server = on
    if server is None:
        pytest.skip("the template invents nothing")
    wrong = json.dumps({"subject": "Pay", "body": "Dear Globex, please pay 9,999 EUR at www.evil.example today."})
    answer = ANSWERS[kind](content=wrong)
    server.route = lambda _: (200, answer, {"Content-Type": "application/json"})
    facts, text, sent, calls = await lived(company, kind)
    assert sent.draft is not None
    assert sent.draft.origin == "template"
    assert len(sent.draft.guards) == 3
    assert len(calls) == 3
    assert not re.search("9,999|Globex|evil", text + str(facts))


async def test_two_jobs_that_find_the_same_action_waiting_pay_for_its_words_once(closed: Company):
    async with loopback() as server:
        answer = ANSWERS["openai"](content=letter("openai"))
        server.route = lambda _: (200, answer, {"Content-Type": "application/json"})
        server.pause = 0.3
        models = MODELS.format(kind="openai", url=f"{server.url}/v1")
        (closed.home / "config/models.yaml").write_text(models)
        async with closed.open() as layer:
            for id in ("C1", "C2"):
                row = {"id": id, "name": f"Acme {id}", "email": f"info@{id.lower()}.example", "owed": 100}
                row |= {"city": "Izmir", "owner": "ayse"}
                record = Record(source="erp", stream="customers", key=id, data={**row, "status": "due"})
                [taken] = await layer.ingest([record])
                assert taken.status == "accepted"
            await asyncio.gather(layer.prepare(), layer.prepare(), layer.dispatch())
            letters = await layer.actions(state="pending")
            calls = await layer.parts.store.entries(kinds=("llm",))
    assert [each.draft.origin for each in letters if each.draft] == ["model:small-1"] * 2
    assert len(calls) == 2


async def test_a_provider_that_is_down_leaves_the_template(closed: Company, crm: Peer, tmp_path):
    del crm, tmp_path
    models = MODELS.format(kind="openai", url="http://127.0.0.1:9/v1")
    (closed.home / "config/models.yaml").write_text(models)
    _, _, sent, calls = await lived(closed, "openai")
    assert sent.draft is not None
    assert sent.draft.origin == "template"
    assert [call["result"] for call in calls] == ["down"]
    assert isinstance(closed.box, Mailbox)


async def test_what_was_asked_is_listed_shown_and_taken_again_with_no_provider_left(closed: Company):
    async with loopback() as server:
        answer = ANSWERS["openai"](content=letter("openai"))
        server.route = lambda _: (200, answer, {"Content-Type": "application/json"})
        (closed.home / "config/models.yaml").write_text(MODELS.format(kind="openai", url=f"{server.url}/v1"))
        async with closed.open():
            await closed.tell(status="due")
            action = await closed.only("due")
    (closed.home / "config/models.yaml").unlink()
    [call] = json.loads(await opslayer(closed.home, "--json", "calls", "list", "--about", f"action:{action.id}"))
    assert (call["step"], call["model"], call["result"], call["tokens_in"]) == ("draft", "small-1", "ok", 70)
    shown = await opslayer(closed.home, "calls", "show", str(call["seq"]))
    assert "Remind." in shown
    assert OPENING["openai"] in shown
    [again] = json.loads(await opslayer(closed.home, "--json", "calls", "replay", str(call["seq"])))
    assert (again["same"], again["value"]["subject"]) == (True, "A reminder for {customer}")
    told = await opslayer(closed.home, "calls", "replay", "--step", "draft")
    assert told == "1 call taken again without a provider, 1 the same.\n"
    with pytest.raises(AssertionError):
        await opslayer(closed.home, "calls", "show", "1")
