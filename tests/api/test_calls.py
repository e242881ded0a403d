"""The rows of the contract's table, each as a program sees it."""

import re

import pytest

from tests.api.double import broken_yaml

API = "/api/v1"


@pytest.fixture
def get(client, key):
    return lambda path, role="viewer": client.get(API + path, headers=key(role))


@pytest.fixture
def post(client, key):
    return lambda path, body=None, role="admin": client.post(API + path, json=body, headers=key(role))


async def test_an_entity_has_its_kept_fields_with_provenance(get):
    body = (await get("/entities/customer/C-1042")).json()
    assert body["fields"]["balance"]["value"] == {"amount": "184250.00", "currency": "TRY"}
    assert body["fields"]["name"]["sources"][0]["record"] == "erp/customers/C-1042"
    assert body["fields"]["reconciliation_status"]["unresolved"]
    assert (await get("/entities/customer/none")).status_code == 404
    assert (await get("/entities/customer/A%2F1")).json()["detail"] == "There is no customer A/1."
    assert (await get("/entities/planet/C-1042")).status_code == 404


async def test_the_unified_view_shows_each_source_and_a_dead_one_as_such(get):
    body = (await get("/customers/C-1042")).json()
    assert body["customer"]["label"] == "Karadeniz Beton Sanayi A.Ş."
    assert {part["source"]: part["state"] for part in body["sources"]} == {"erp": "fresh", "crm": "down"}
    assert body["sources"][0]["age_seconds"] == 180
    assert [each["id"] for each in body["actions"]] == ["act-0001"]


async def test_decisions_are_filtered_paged_and_carry_their_proof_alone(get):
    first = (await get("/decisions?ruleset=collections&limit=3")).json()
    assert len(first["items"]) == 3
    assert first["items"][0]["proof"] is None
    rest = (await get(f"/decisions?ruleset=collections&limit=3&after={first['next']}")).json()
    assert len(rest["items"]) == 1
    assert rest["next"] is None
    assert (await get("/decisions?rule=none")).json()["items"] == []
    whole = (await get(f"/decisions/{first['items'][0]['id']}")).json()
    assert whole["proof"]["rule"] == "collections/overdue_account"
    assert whole["proof"]["reasons"][0]["reasons"][0]["reasons"][0]["source"]["record"] == "erp/invoices/8841"
    assert (await get("/decisions/none")).status_code == 404


async def test_actions_are_listed_by_state_and_shown_whole(get):
    waiting = (await get("/actions?state=pending")).json()["items"]
    assert [each["id"] for each in waiting] == ["act-0001", "act-0002"]
    body = (await get("/actions/act-0001")).json()
    names = "id key state version digest operation consequence payload draft proof expires_at history"
    assert set(names.split()) <= body.keys()
    assert body["key"] == {
        "ruleset": "collections",
        "rule": "overdue_account",
        "action": "first_reminder",
        "subject": "customer:C-1042",
    }
    assert body["draft"]["origin"] == "template"
    assert body["draft"]["guards"] == []
    assert (await get("/actions?state=nonsense")).status_code == 422
    assert (await get("/actions/none")).status_code == 404


async def test_paging_takes_sane_limits_only(get):
    for limit in ("0", "501", "x", "-1"):
        assert (await get(f"/actions?limit={limit}")).status_code == 422


async def test_a_kill_switch_is_pulled_and_released_with_its_reason(client, key, get):
    path = f"{API}/kill-switches/rule:collections/overdue_account"
    body = {"on": True, "reason": "wrong balances"}
    pulled = (await client.put(path, json=body, headers=key("admin"))).json()
    assert (pulled["on"], pulled["by"], pulled["reason"]) == (True, "key:admin", "wrong balances")
    assert (await get("/kill-switches/rule:collections/overdue_account")).json()["on"]
    assert not (await client.put(path, json={"on": False}, headers=key("admin"))).json()["on"]
    assert not (await get("/kill-switches/all")).json()["on"]


@pytest.mark.parametrize("scope", ["everything", "rule:x", "ruleset:", "source:nowhere", "rule:/y"])
async def test_an_unknown_scope_is_404(client, key, scope):
    answer = await client.put(f"{API}/kill-switches/{scope}", json={"on": True}, headers=key("admin"))
    assert answer.status_code == 404


async def test_autonomy_tells_stage_evidence_and_what_is_missing(get, post):
    row = (await get("/autonomy")).json()[0]
    assert (row["stage"], row["evidence"]["labelled"], row["missing"]) == (
        "approval",
        3,
        ["497 more labelled samples (of 500)"],
    )
    base = "/autonomy/collections/overdue_account/first_reminder"
    assert (await post(f"{base}/request")).status_code == 200
    assert (await post(f"{base}/promote")).status_code == 409
    assert (await post(f"{base}/demote")).status_code == 200
    assert (await post("/autonomy/no/such/thing/demote")).status_code == 404


async def test_a_check_tells_where_each_fault_is(post, layer):
    assert (await post("/config/check")).json()["ok"]
    layer.faults = (broken_yaml(),)
    body = (await post("/config/check")).json()
    assert not body["ok"]
    assert body["problems"][0]["where"] == "rules/collections/ruleset.yaml:12:9"
    assert body["problems"][0]["hint"] == "Did you mean balance?"


async def test_a_faulty_bundle_is_refused_with_its_places(post, layer):
    assert (await post("/bundles", {"note": "spring"})).status_code == 201
    assert (await post("/bundles")).status_code == 201
    layer.faults = (broken_yaml(),)
    answer = await post("/bundles")
    assert answer.status_code == 422
    assert answer.json()["where"] == "rules/collections/ruleset.yaml:12:9"
    assert (await post("/bundles/3f9c2a/activate")).json()["active"]
    assert (await post("/bundles/none/activate")).status_code == 404


async def test_the_simulated_clock_moves_forward_only(post, layer):
    answer = await post("/clock", {"advance_to": "2026-04-01T08:00:00+03:00"})
    assert answer.json()["now"] == "2026-04-01T08:00:00+03:00"
    assert (await post("/clock", {"advance_to": "2026-03-01T08:00:00+03:00"})).status_code == 422
    assert (await post("/clock", {"advance_to": "2026-05-01T08:00:00"})).status_code == 422
    assert (await post("/clock", {"advance_to": "soon"})).status_code == 422
    layer.simulated = False
    assert (await post("/clock", {"advance_to": "2026-05-01T08:00:00Z"})).status_code == 404


async def test_the_schema_describes_every_call(get):
    schema = (await get("/schema/openapi.json")).json()
    assert schema["openapi"].startswith("3.")
    assert "/api/v1/actions/{id}/verdict" in schema["paths"]
    assert "/today" not in schema["paths"]
    events = schema["paths"]["/api/v1/events"]["post"]["requestBody"]["content"]
    assert set(events) == {"application/cloudevents+json", "application/cloudevents-batch+json"}
    for path, calls in schema["paths"].items():
        for call in calls.values():
            assert "application/problem+json" in call["responses"]["default"]["content"], path
    names = {name for name, _ in re.findall(r"#/components/schemas/([\w.-]+)(\W)", str(schema))}
    assert names <= schema["components"]["schemas"].keys()


async def test_a_rule_is_shown_as_a_funnel_over_all_subjects(get):
    body = (await get("/rules/collections/overdue_account/funnel")).json()
    assert (body["subject"], body["subjects"]) == ("customer", 160)
    assert body["stages"][1] == {"text": "i.days_overdue > 7", "passing": 38, "left": 37}
    assert (await get("/rules/collections/none/funnel")).status_code == 404
