"""The outside contract, row by row, against the real layer."""

from datetime import datetime

import httpx
import pytest

from tests.api.layer.conftest import SINGLE, event

ACME = {"id": "C1", "name": "Acme", "email": "a@x.example"}


def problem(answer, status, code):
    """Assert RFC 9457 problem details and return them."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    body = answer.json()
    assert (body["type"], body["status"]) == (f"urn:opslayer:problem:{code}", status)
    assert body["title"]
    assert body["detail"]
    return body


# --- events ---------------------------------------------------------------------------------------------------------


async def test_events_are_accepted_once_and_rejected_one_by_one(call):
    batch = [
        event("1", "customers/C1", ACME),
        event("1", "customers/C1", ACME),
        event("2", "nothing/C1", ACME),
        event("3", "customers/C2", ACME, source="elsewhere"),
        event("4", "invoices/I1", {"number": "I1", "customer": "C1", "amount": "x", "due_date": None, "paid_on": None}),
        {"id": "5"},
    ]
    taken = await call.operator.send(batch)
    assert taken.status_code == 202
    body = taken.json()
    assert (body["accepted"], body["duplicates"]) == (1, 1)
    assert [each["index"] for each in body["rejected"]] == [2, 3, 4, 5]
    codes = [each["problem"]["type"].rpartition(":")[2] for each in body["rejected"]]
    assert codes[:2] == ["unknown-stream", "unknown-source"]


async def test_a_single_event_of_no_known_stream_is_refused(call):
    assert (await call.operator.send(event("1", "customers/C1", ACME), SINGLE)).status_code == 202
    problem(await call.operator.send(event("2", "nothing/C1", ACME), SINGLE), 422, "unknown-stream")


async def test_what_was_sent_is_durable_before_the_answer(call, layer):
    await call.operator.send([event("1", "customers/C1", ACME)])
    assert [each.kind for each in await layer.parts.store.entries(kinds=("record",))] == ["record"]


async def test_a_deleted_record_is_gone(call):
    await call.operator.send([event("1", "customers/C1", ACME)])
    assert (await call.viewer.get("/entities/customer/C1")).status_code == 200
    await call.operator.send([event("2", "customers/C1", type="record.deleted")])
    problem(await call.viewer.get("/entities/customer/C1"), 404, "unknown-entity")


async def test_what_cannot_be_mapped_waits_in_quarantine(call, layer):
    row = {"number": "I1", "customer": "C1", "amount": "x", "due_date": None, "paid_on": None}
    taken = (await call.operator.send([event("1", "invoices/I1", row)])).json()
    assert taken["rejected"][0]["problem"]["detail"]
    assert [each.key for each in await layer.quarantine()] == ["I1"]


# --- what is known ----------------------------------------------------------------------------------------------------


async def test_an_entity_has_its_fields_with_provenance(call):
    await call.grace.overdue("C1")
    body = (await call.viewer.get("/entities/customer/C1")).json()
    assert body["fields"]["name"]["value"] == "C1 Ltd"
    assert body["fields"]["name"]["sources"][0]["record"] == "ledger/customers/C1"
    assert body["fields"]["oldest_due"] == body["fields"]["oldest_due"] | {"value": "2026-02-20", "kind": "derived"}


async def test_a_customer_has_all_sources_and_the_unknown_is_404(call):
    await call.grace.overdue("C1")
    body = (await call.viewer.get("/customers/C1")).json()
    assert {each["source"] for each in body["sources"]} == {"ledger", "mail"}
    assert [each["id"] for each in body["related"]["invoices"]] == ["I-C1"]
    assert len(body["actions"]) == 1
    assert (await call.viewer.get("/customers/none")).status_code == 404
    assert (await call.viewer.get("/entities/nothing/x")).status_code == 404


async def test_decisions_are_paged_newest_first_and_proven(call):
    await call.grace.overdue(*(f"C{n}" for n in range(5)))
    seen, after = [], ""
    while True:
        page = (await call.viewer.get(f"/decisions?rule=late&limit=2&after={after}")).json()
        seen += [each["id"] for each in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 5
    newest = (await call.viewer.get("/decisions")).json()["items"][0]
    assert newest["id"] == seen[0]
    one = (await call.viewer.get(f"/decisions/{newest['id']}")).json()
    assert "ledger/invoices/I-C" in str(one["proof"])
    assert (await call.viewer.get("/decisions?ruleset=other")).json()["items"] == []
    assert len((await call.viewer.get("/decisions?subject=customer:C1")).json()["items"]) == 1
    assert (await call.viewer.get("/decisions/none")).status_code == 404


async def test_an_action_shows_all_that_the_contract_names(call):
    action = (await call.grace.overdue("C1"))["C1"]
    shown = (await call.viewer.get(f"/actions/{action['id']}")).json()
    assert shown["key"] == {"ruleset": "reminders", "rule": "late", "action": "remind", "subject": "customer:C1"}
    assert (shown["state"], shown["version"], len(shown["digest"])) == ("pending", 1, 64)
    assert (shown["operation"], shown["consequence"]) == ("mail.send", "medium")
    assert shown["payload"]["to"] == "C1@x.example"
    assert (shown["draft"]["origin"], shown["draft"]["guards"]) == ("template", [])
    assert shown["expires_at"].startswith("2026-03-09")
    assert [each["state"] for each in shown["history"]] == ["proposed", "pending"]
    assert shown["proof"]
    assert (await call.viewer.get("/actions?state=sent")).json() == {"items": [], "next": None}
    problem(await call.viewer.get("/actions?state=strange"), 422, "unknown-state")
    problem(await call.viewer.get("/actions/none"), 404, "unknown-action")


# --- verdicts ---------------------------------------------------------------------------------------------------------


async def test_approving_answers_with_the_new_state(call):
    action = (await call.grace.overdue("C1"))["C1"]
    decided = await call.grace.decide(action)
    assert (decided.status_code, decided.json()["state"]) == (200, "scheduled")
    assert decided.json()["history"][-1]["by"] == "grace"


async def test_who_comes_second_is_told_who_decided_and_when(call):
    action = (await call.grace.overdue("C1"))["C1"]
    await call.grace.decide(action)
    body = problem(await call.ada.decide(action, "reject", reason="no"), 409, "already-decided")
    assert (body["by"], body["state"]) == ("grace", "scheduled")
    assert body["at"].startswith("2026-03-02T09:00")


async def test_an_edit_is_a_new_version_and_the_old_digest_is_refused_with_the_difference(call):
    action = (await call.grace.overdue("C1"))["C1"]
    edited = (await call.grace.decide(action, "edit", edit={"subject": "Kindly"})).json()
    assert (edited["version"], edited["state"], edited["payload"]["subject"]) == (2, "pending", "Kindly")
    body = problem(await call.ada.decide(action), 412, "stale-digest")
    assert (body["digest"], body["version"]) == (edited["digest"], 2)
    assert body["difference"]["subject"] == {"shown": action["payload"]["subject"], "current": "Kindly"}
    assert (await call.ada.decide(edited)).status_code == 200


@pytest.mark.parametrize("edit", [{"to": "evil@example.org"}, {"bcc": "evil@example.org"}, {}])
async def test_what_may_not_be_edited_is_refused(call, edit):
    action = (await call.grace.overdue("C1"))["C1"]
    assert (await call.grace.decide(action, "edit", edit=edit)).status_code == 422
    assert (await call.viewer.get(f"/actions/{action['id']}")).json()["version"] == 1


async def test_who_may_only_look_does_not_decide(call):
    action = (await call.grace.overdue("C1"))["C1"]
    for name in ("viewer", "auditor"):
        assert (name, (await getattr(call, name).decide(action)).status_code) == (name, 403)
    assert (await call.viewer.get(f"/actions/{action['id']}")).json()["state"] == "pending"
    assert (await call.analyst.decide(action)).status_code == 200


async def test_the_same_request_again_gives_the_same_answer(call):
    action = (await call.grace.overdue("C1"))["C1"]
    first, again = await call.grace.decide(action, key="k1"), await call.grace.decide(action, key="k1")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["history"] == again.json()["history"]
    assert (await call.grace.decide(action, key="k2")).status_code == 409


@pytest.mark.parametrize(
    "body",
    [{"verdict": "perhaps", "digest": "x"}, {"digest": "x"}, {"verdict": "approve"}, {"verdict": "approve", "digest": "x", "more": 1}],
)  # fmt: skip
async def test_what_is_no_verdict_is_422(call, body):
    action = (await call.grace.overdue("C1"))["C1"]
    assert (await call.grace.post(f"/actions/{action['id']}/verdict", body)).status_code == 422


async def test_rejecting_delegating_and_snoozing(call):
    actions = await call.grace.overdue("C1", "C2", "C3")
    rejected = (await call.grace.decide(actions["C1"], "reject", reason="they paid by cheque")).json()
    assert (rejected["state"], rejected["history"][-1]["reason"]) == ("rejected", "they paid by cheque")
    assert (await call.grace.decide(actions["C2"], "delegate", to="ada", reason="yours")).status_code == 200
    snoozed = await call.grace.decide(actions["C3"], "snooze", to="PT4H")
    assert (snoozed.status_code, snoozed.json()["state"]) == (200, "pending")
    problem(await call.grace.decide({"id": "none", "digest": "x"}), 404, "unknown-action")


async def test_the_verdict_of_a_withdrawn_action_comes_too_late(call):
    action = (await call.grace.overdue("C1"))["C1"]
    paid = {"number": "I-C1", "customer": "C1", "amount": "12.50", "due_date": "2026-02-20", "paid_on": "2026-03-02"}
    await call.operator.send([event("paid", "invoices/I-C1", paid)])
    body = problem(await call.grace.decide(action), 409, "already-decided")
    assert body["state"] == "withdrawn"


# --- control ----------------------------------------------------------------------------------------------------------


async def test_a_pulled_switch_holds_what_was_approved(call):
    action = (await call.grace.overdue("C1"))["C1"]
    pulled = await call.admin.put("/kill-switches/ruleset:reminders", {"on": True, "reason": "audit"})
    assert (pulled.status_code, pulled.json()["on"], pulled.json()["by"]) == (200, True, "key:admin")
    assert (await call.viewer.get("/kill-switches/ruleset:reminders")).json()["reason"] == "audit"
    await call.grace.decide(action)
    await call.admin.post("/clock", {"advance_to": "2026-03-02T12:00:00+03:00"})
    assert (await call.viewer.get(f"/actions/{action['id']}")).json()["state"] == "scheduled"
    assert (await call.admin.put("/kill-switches/ruleset:none", {"on": True})).status_code == 404
    assert (await call.admin.put("/kill-switches/nothing", {"on": True})).status_code == 404
    assert (await call.operator.put("/kill-switches/all", {"on": True})).status_code == 403


async def test_the_clock_moves_forward_only_by_the_admin_and_brings_all_that_is_due(call):
    late = {"number": "I1", "customer": "C1", "amount": "1", "due_date": "2026-02-27", "paid_on": None}
    await call.operator.send([event("1", "customers/C1", ACME), event("2", "invoices/I1", late)])
    assert (await call.viewer.get("/actions")).json()["items"] == []
    moved = await call.admin.post("/clock", {"advance_to": "2026-03-08T09:00:00+03:00"})
    assert moved.status_code == 200
    (action,) = (await call.viewer.get("/actions?subject=customer:C1")).json()["items"]
    proposed = datetime.fromisoformat(action["history"][0]["at"])
    came_true = datetime.fromisoformat("2026-03-07T00:00:00+03:00")  # the starter takes what its ledger holds for all
    assert (action["state"], proposed) == ("pending", came_true)
    problem(await call.admin.post("/clock", {"advance_to": "2026-03-01T09:00:00+03:00"}), 422, "clock-backwards")
    problem(await call.admin.post("/clock", {"advance_to": "2026-03-09T09:00:00"}), 422, "naive-time")
    assert (await call.operator.post("/clock", {"advance_to": "2026-03-09T09:00:00+03:00"})).status_code == 403


async def test_configuration_is_checked_where_it_stands_with_places(call, home):
    sound = (await call.analyst.post("/config/check")).json()
    assert (sound["ok"], sound["problems"]) == (True, [])
    rules = home / "rules/reminders/ruleset.yaml"
    rules.write_text(rules.read_text().replace("oldest_due +", "oldest_du +"))
    faulty = (await call.analyst.post("/config/check")).json()
    assert not faulty["ok"]
    assert faulty["problems"][0]["where"].startswith("rules/reminders/ruleset.yaml:12:")
    body = problem(await call.analyst.post("/bundles", {"note": "x"}), 422, "unknown-name")
    assert body["where"].startswith("rules/reminders/ruleset.yaml:12:")


async def test_bundles_and_autonomy(call):
    (bundle,) = (await call.viewer.get("/bundles")).json()
    assert bundle["active"]
    again = await call.admin.post(f"/bundles/{bundle['id']}/activate")
    assert (again.status_code, again.json()["active"]) == (200, True)
    (row,) = (await call.viewer.get("/autonomy")).json()
    assert (row["rule"], row["action"], row["stage"]) == ("late", "remind", "approval")
    assert (await call.admin.post("/autonomy/reminders/late/none/promote")).status_code == 404
    assert (await call.operator.post("/autonomy/reminders/late/remind/promote")).status_code == 403


async def test_the_whole_is_described(call):
    document = (await call.viewer.get("/schema/openapi.json")).json()
    wanted = {
        "/api/v1/events", "/api/v1/entities/{type}/{id}", "/api/v1/customers/{id}", "/api/v1/decisions",
        "/api/v1/decisions/{id}", "/api/v1/actions", "/api/v1/actions/{id}", "/api/v1/actions/{id}/verdict",
        "/api/v1/autonomy", "/api/v1/config/check", "/api/v1/bundles", "/api/v1/bundles/{id}/activate", "/api/v1/clock",
    }  # fmt: skip
    assert wanted <= set(document["paths"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/v1/actions", 401), ("POST", "/api/v1/events", 401), ("GET", "/health/ready", 200), ("GET", "/health/live", 200)],
)  # fmt: skip
async def test_without_a_key_only_health_answers(call, method, path, status):
    answer: httpx.Response = await call.http.request(method, path)
    assert answer.status_code == status


async def test_a_revoked_key_opens_nothing(call, layer):
    assert (await call.viewer.get("/actions")).status_code == 200
    (found,) = [each for each in await layer.keys() if each.name == "viewer"]
    await layer.revoke_key(found.id, (await layer.authenticate(call.admin.headers["Authorization"][7:])))
    problem(await call.viewer.get("/actions"), 401, "unauthorized")
