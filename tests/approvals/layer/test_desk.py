"""The inbox as people work through it, over the real layer and its HTTP API."""

from datetime import timedelta

import pytest

from api.views import Actor
from approvals.results import BadVerdict, Decided, NotThisPerson
from engine.events import Verdict
from tests.approvals.layer.company import PEOPLE, START, WHO, Company

LIMITED = PEOPLE + "  - {id: deniz, roles: [auditor, operator]}\n"


def word(action, verdict="approve", **more):
    given = {"digest": action.digest, "by": "ayse", "channel": "bulk", "at": START} | more
    return Verdict(action=action.id, verdict=verdict, **given)


async def two_invoices_and_a_letter(company: Company):
    """A letter to each of two customers, and one more to the first, about its invoices."""
    await company.tell("C1", status="due")
    await company.tell("C2", status="due")
    for number in ("I1", "I2"):
        await company.tell(number, "invoices", customer="C1", status="due")


async def test_one_conversation_a_customer_the_most_urgent_first(company: Company):
    await two_invoices_and_a_letter(company)
    await company.tell("C3", status="fraud")
    async with company.http() as http:
        answer = await http.get("/api/v1/inbox")
    told = [(each["label"], len(each["waiting"])) for each in answer.json()]
    assert told[0] == ("Acme C3", 1)
    assert sorted(told[1:]) == [("Acme C1", 2), ("Acme C2", 1)]
    assert answer.json()[0]["waiting"][0]["why"][0] == "high consequence"


async def test_a_deadline_that_comes_near_moves_a_conversation_up(company: Company):
    await company.tell("C2", status="due")
    company.advance(days=6, hours=22)
    await company.tell("C1", status="due")
    [first, second] = await company.layer.queue(WHO)
    assert (first.label, second.label) == ("Acme C2", "Acme C1")
    assert first.points > second.points
    assert any(why.startswith("expires") for why in first.waiting[0].why)


async def test_what_another_looks_after_is_not_mine_until_they_are_away(company: Company):
    await company.tell("C2", status="due")
    mehmet = Actor(id="mehmet", roles=frozenset({"operator"}), channel="api")
    zeynep = Actor(id="zeynep", roles=frozenset({"operator"}), channel="api")
    action = await company.only("due")
    assert isinstance(await company.decide(action, "delegate", to="mehmet"), Decided)
    assert await company.layer.queue(WHO) == ()
    [everything] = await company.layer.queue(WHO, mine=False)
    assert everything.waiting[0].in_hands == "mehmet"
    assert len(await company.layer.queue(mehmet)) == 1
    today = company.clock.now().date()
    await company.layer.set_away("mehmet", (today, today + timedelta(days=3)), mehmet)
    assert len(await company.layer.queue(WHO)) == 1, "ayse stands in for mehmet"
    assert await company.layer.queue(mehmet) == ()
    assert await company.layer.queue(zeynep) == ()


async def test_a_snooze_ends_after_a_duration_or_at_a_moment(company: Company):
    await company.tell("C2", status="due")
    async with company.http() as http:
        for to, until in (("PT4H", "2026-01-05T12:00:00Z"), ("2026-01-06T09:00:00+03:00", "2026-01-06T06:00:00Z")):
            action = await company.only("due")
            body = {"verdict": "snooze", "digest": action.digest, "to": to}
            answer = await http.post(f"/api/v1/actions/{action.id}/verdict", json=body)
            assert answer.json()["not_before"] == until
        assert (await http.get("/api/v1/inbox")).json() == []
        for to in ("tomorrow", "2026-01-06T09:00:00", "PT0S", "2025-01-01T00:00:00Z", "P365D"):
            body = {"verdict": "snooze", "digest": action.digest, "to": to}
            assert (await http.post(f"/api/v1/actions/{action.id}/verdict", json=body)).status_code == 422
    company.advance(days=1)
    assert len(await company.layer.queue(WHO)) == 1


async def test_an_edit_is_held_against_the_guards_as_it_is_typed(company: Company):
    await company.tell("C2", status="due")
    action = await company.only("due")
    async with company.http() as http:
        path = f"/api/v1/actions/{action.id}/preview"
        fine = (await http.post(path, json={"edit": {"text": "Dear Acme, please call us about it."}})).json()
        assert (fine["problems"], fine["warnings"]) == ([], [])
        assert fine["difference"]["text"]["current"] == "Dear Acme, please call us about it."
        odd = {"text": "Dear Acme, pay 9,999 at www.pay.example and we grant a discount."}
        warned = (await http.post(path, json={"edit": odd})).json()
        codes = {each["type"].rpartition(":")[2] for each in warned["warnings"]}
        assert codes == {"new-number", "new-address", "new-promise"}
        refused = (
            await http.post(path, json={"edit": {"text": "See you in the lawsuit.", "to": "x@y.example"}})
        ).json()
        assert refused["problems"][0]["type"].endswith("not-editable")
    assert (await company.only("due")).version == 1


async def test_bulk_decides_each_by_itself(company: Company):
    await two_invoices_and_a_letter(company)
    await company.tell("C3", status="fraud")
    letters = [each for each in await company.layer.actions(state="pending") if each.operation == "mail.send"]
    [fraud] = [each for each in await company.layer.actions(state="pending") if each.key.rule == "fraud"]
    stale, *fresh = letters
    items = [
        {"id": stale.id, "digest": "0" * 64},
        *({"id": each.id, "digest": each.digest} for each in (*fresh, fraud)),
    ]
    async with company.http() as http:
        answer = await http.post("/api/v1/actions/verdicts", json={"verdict": "approve", "items": items})
    told = answer.json()
    assert [each["status"] for each in told] == [412, 200, 200, 422]
    assert told[3]["problem"]["type"].endswith("not-in-bulk")
    verdicts = await company.layer.parts.store.entries(kinds=("verdict",))
    assert {each.body["channel"] for each in verdicts if each.body} == {"bulk"}


async def test_edits_and_delegations_are_never_made_in_bulk(company: Company):
    await company.tell("C2", status="due")
    action = await company.only("due")
    [outcome] = await company.layer.decide_many([word(action, "edit", edit={"text": "x"})], WHO)
    assert isinstance(outcome, BadVerdict)


async def test_never_for_this_customer_stands_until_it_is_lifted(company: Company):
    await company.tell("C2", status="due")
    action = await company.only("due")
    assert isinstance(await company.decide(action, "reject", code="never", reason="family of the owner"), Decided)
    await company.tell("C2", status="")
    company.advance(days=3)
    await company.layer.tick()
    await company.tell("C2", status="due")
    [again] = [each for each in await company.layer.actions() if each.id != action.id]
    assert again.state == "withdrawn"
    assert again.history[-1].reason == "ayse said on 2026-01-05: never for this customer"
    await company.tell("C9", status="due")
    assert (await company.only("due", "pending")).key.subject == "customer:C9", "others are not meant"
    async with company.http() as http:
        [standing] = (await http.get("/api/v1/standing")).json()
        assert (standing["account"], standing["by"], standing["said_on"]) == ("customer:C2", "ayse", action.id)
        assert (await http.delete(f"/api/v1/standing/{standing['id']}")).status_code == 204
        assert (await http.delete(f"/api/v1/standing/{standing['id']}")).status_code == 404
        assert (await http.get("/api/v1/standing")).json() == []
    await company.tell("C2", status="")
    company.advance(days=3)
    await company.layer.tick()
    await company.tell("C2", status="due")
    assert "customer:C2" in {each.key.subject for each in await company.layer.actions(state="pending")}


async def test_the_reason_of_a_rejection_is_journaled_for_evals_and_read_by_rules(company: Company):
    await company.tell("C2", status="due")
    action = await company.only("due")
    assert isinstance(await company.decide(action, "reject", code="nonsense"), BadVerdict)
    assert isinstance(await company.decide(action, "reject", code="wrong_time", reason="holiday"), Decided)
    [entry] = await company.layer.parts.store.entries(kinds=("verdict",))
    assert entry.body is not None
    assert (entry.body["code"], entry.body["reason"]) == ("wrong_time", "holiday")
    session = company.layer.parts.pipeline.session
    customer = session.state.find("customer:C2")
    assert customer is not None
    assert session.value(customer, 'count(actions[state = "rejected" and reason = "wrong_time"])') == 1


@pytest.mark.parametrize("files", [{"people": LIMITED}])
async def test_an_auditor_reads_everything_and_decides_nothing(company: Company):
    await company.tell("C2", status="due")
    action = await company.only("due")
    async with company.http("deniz") as http:
        for path in ("/inbox?everything=true", f"/actions/{action.id}", f"/actions/{action.id}/dossier", "/standing"):
            assert (await http.get(f"/api/v1{path}")).status_code == 200, path
        body = {"verdict": "approve", "digest": action.digest}
        assert (await http.post(f"/api/v1/actions/{action.id}/verdict", json=body)).status_code == 403
    deniz = Actor(id="deniz", roles=frozenset({"auditor", "operator"}), channel="api")
    outcome = await company.decide(action, "approve", deniz)
    assert isinstance(outcome, NotThisPerson)
    assert "auditor" in outcome.reason
    denied = await company.layer.parts.store.entries(kinds=("denied",))
    assert [each.actor for each in denied] == ["deniz", "deniz"]


async def test_only_an_admin_says_when_somebody_else_is_away(company: Company):
    days = {"from": "2026-01-05", "to": "2026-01-09"}
    async with company.http("mehmet") as http:
        assert (await http.put("/api/v1/people/ayse/away", json=days)).status_code == 403
        mine = await http.put("/api/v1/people/mehmet/away", json=days)
        assert mine.json()["away"] == ["2026-01-05", "2026-01-09"]
    async with company.http("elif") as http:
        assert (await http.put("/api/v1/people/ayse/away", json=days)).status_code == 200
        assert (await http.put("/api/v1/people/nobody/away", json=days)).status_code == 404
        assert (await http.put("/api/v1/people/ayse/away", json={"from": "2026-01-05"})).status_code == 422
        people = {each["id"]: each["away"] for each in (await http.get("/api/v1/people")).json()}
    assert people["ayse"] == ["2026-01-05", "2026-01-09"]


async def test_the_dossier_tells_everything_about_one_action(company: Company):
    await company.tell("C2", status="due", name="<b>Acme & Sons</b>")
    first = await company.only("due")
    edited = await company.decide(first, "edit", edit={"text": "Dear Acme, please pay. It was forgotten."})
    assert isinstance(edited, Decided)
    await company.decide(first, "approve")
    await company.decide(edited.action, "approve")
    await company.rest()
    async with company.http() as http:
        answer = await http.get(f"/api/v1/actions/{first.id}/dossier")
        assert (await http.get("/api/v1/actions/none/dossier")).status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    page = answer.text
    assert "&lt;b&gt;Acme &amp; Sons&lt;/b&gt;" in page
    assert "<b>Acme" not in page
    for told in (first.digest, edited.action.digest, "It was forgotten.", "StaleDigest", "person:ayse", "dunning/due"):
        assert told in page, told
    dossier = await company.layer.dossier(first.id)
    assert dossier is not None
    assert [each.version for each in dossier.versions] == [0, 1, 2]
    kinds = {each.kind for each in dossier.entries}
    assert {"decision", "action", "verdict", "denied", "receipt"} <= kinds


async def test_a_remark_and_who_looks_after_it_are_told_and_found_by_their_words(company: Company):
    await company.tell("C1", status="due")
    action = await company.only("due")
    assert isinstance(await company.layer.claim(action.id, WHO), Decided)
    assert isinstance(await company.layer.comment(action.id, "They called on Monday.", WHO), Decided)
    told = [each.text for each in await company.layer.timeline("customer:C1") if each.kind == "verdict"]
    assert told == ["ayse looks after it", "ayse left a remark: They called on Monday."]
    [found] = await company.layer.recall("called monday")
    assert (found.subject, found.item.ref) == ("customer:C1", action.id)
