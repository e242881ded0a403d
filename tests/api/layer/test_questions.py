"""A text that was not read surely is a question on a page; its answer is a person's word, saved and approved at once."""

from datetime import timedelta

import pytest

from api.insight.questions import AskedFact, answer
from api.web.session import form_token
from tests.api.layer.conftest import LOCAL
from tests.api.replying import TEXT, with_replies


@pytest.fixture
def home(home):
    with_replies(home)
    return home


@pytest.fixture
async def asked(call, layer):
    await call.ada.overdue("C1")
    row = {"id": "M1", "customer": "C1", "text": TEXT, "sent_on": "2026-03-01"}
    event = {
        "specversion": "1.0", "id": "m1", "source": "ledger", "type": "record.changed", "subject": "messages/M1",
        "data": row,
    }  # fmt: skip
    assert (await call.ada.send([event])).json()["rejected"] == []
    await layer.dispatch()
    [action] = [each for each in await layer.actions(state="pending") if each.key.rule == "read-reply"]
    return action


@pytest.fixture
async def grace(call, layer):
    """Grace's browser: open a page, send its form."""
    key = await layer.create_key("web grace", None, LOCAL, person="grace", kind="session")
    call.http.cookies.set("opslayer_session", key.secret)

    async def send(path, **fields):
        given = {"csrf": form_token(key.secret)} | fields
        return await call.http.post(path, data=given, headers={"accept": "text/html"})

    return send


async def test_the_page_shows_what_was_read_from_which_words(call, layer, asked, grace):
    page = (await call.http.get(f"/actions/{asked.id}", headers={"accept": "text/html"})).text
    assert "What does this text say?" in page
    assert '<mark title="intent">will pay</mark>' in page
    assert '<mark title="promised on">9 March 2026</mark>' in page
    assert "Read: promise. “will pay” 60 % sure." in page.replace("\u202f", " ").replace("\xa0", " ")
    found = await layer.question(asked)
    assert [(each.name, each.type) for each in found.asked] == [
        ("intent", "text"), ("promised_on", "date"), ("refused", "boolean"),
    ]  # fmt: skip
    other = next(each for each in await layer.actions(state="pending") if each.id != asked.id)
    assert await layer.question(other) is None


async def test_an_answer_that_corrects_is_a_fact_and_who_gave_it_is_remembered(layer, asked, grace):
    fields = {"fact.intent": "question", "fact.promised_on": "", "fact.refused": "false"}
    answered = await grace(f"/actions/{asked.id}/answer", digest=asked.digest, **fields)
    assert answered.status_code == 303
    await layer.advance_clock(layer.clock.now() + timedelta(minutes=5))  # what may be undone waits two minutes
    while await layer.dispatch():
        pass
    session = layer.parts.pipeline.session
    message = session.state.find("message:M1")
    assert [session.value(message, name) for name in ("intent", "promised_on", "refused")] == ["question", None, False]
    action = await layer.action(asked.id)
    assert [(each.state, each.by) for each in action.history if each.by == "grace"] == [
        ("edited", "grace"), ("approved", "grace"),
    ]  # fmt: skip


async def test_an_answer_to_something_else_or_of_nonsense_counts_for_nothing(layer, asked, grace):
    stale = await grace(f"/actions/{asked.id}/answer", digest="0" * 64, **{"fact.intent": "promise"})
    assert stale.status_code == 412
    wrong = await grace(f"/actions/{asked.id}/answer", digest=asked.digest, **{"fact.promised_on": "soon"})
    assert wrong.status_code == 422
    assert "Promised on cannot be that" in wrong.text
    assert (await layer.action(asked.id)).state == "pending"
    assert (await grace("/actions/nothing/answer", digest="")).status_code == 404


def test_an_answer_says_what_a_fact_can_be():
    facts = [
        AskedFact(name="days", about="", type="number"),
        AskedFact(name="kind", about="", type="text", values=("a",)),
    ]
    assert answer(facts, {"days": "2,5", "kind": "a"}) == ({"days": 2.5, "kind": "a"}, [])
    assert answer(facts, {"days": "soon", "kind": "b"}) == ({}, ["days", "kind"])
    assert answer(facts, {}) == ({"days": None, "kind": None}, [])
