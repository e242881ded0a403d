"""Deny by default: every route, without a key and with every role."""

import pytest

RANKS = ("viewer", "operator", "analyst", "admin")
NEEDED = {
    ("POST", "/api/v1/events"): "operator",
    ("GET", "/api/v1/entities/{type}/{id}"): "viewer",
    ("GET", "/api/v1/customers/{id}"): "viewer",
    ("GET", "/api/v1/decisions"): "viewer",
    ("GET", "/api/v1/decisions/{id}"): "viewer",
    ("GET", "/api/v1/rules/{ruleset}/{rule}/funnel"): "viewer",
    ("GET", "/api/v1/actions"): "viewer",
    ("GET", "/api/v1/actions/{id}"): "viewer",
    ("POST", "/api/v1/actions/{id}/verdict"): "operator",
    ("POST", "/api/v1/actions/{id}/settle"): "operator",
    ("POST", "/api/v1/actions/{id}/undo"): "operator",
    ("POST", "/api/v1/actions/{id}/claim"): "operator",
    ("POST", "/api/v1/actions/{id}/comment"): "operator",
    ("GET", "/api/v1/inbox"): "viewer",
    ("POST", "/api/v1/actions/{id}/preview"): "operator",
    ("POST", "/api/v1/actions/verdicts"): "operator",
    ("GET", "/api/v1/actions/{id}/dossier"): "viewer",
    ("GET", "/api/v1/standing"): "viewer",
    ("DELETE", "/api/v1/standing/{id}"): "operator",
    ("GET", "/api/v1/people"): "viewer",
    ("PUT", "/api/v1/people/{id}/away"): "viewer",
    ("GET", "/api/v1/kill-switches"): "viewer",
    ("GET", "/api/v1/kill-switches/{what}"): "viewer",
    ("PUT", "/api/v1/kill-switches/{what}"): "admin",
    ("GET", "/api/v1/autonomy"): "viewer",
    ("GET", "/api/v1/autonomy/audits"): "operator",
    ("POST", "/api/v1/autonomy/audits/{id}"): "operator",
    ("GET", "/api/v1/autonomy/seconds"): "operator",
    ("POST", "/api/v1/autonomy/seconds/{id}"): "operator",
    ("GET", "/api/v1/autonomy/{ruleset}/{rule}/{action}"): "viewer",
    ("POST", "/api/v1/autonomy/{ruleset}/{rule}/{action}/request"): "analyst",
    ("POST", "/api/v1/autonomy/{ruleset}/{rule}/{action}/promote"): "admin",
    ("POST", "/api/v1/autonomy/{ruleset}/{rule}/{action}/demote"): "admin",
    ("POST", "/api/v1/autonomy/{ruleset}/{rule}/{action}/carry"): "admin",
    ("GET", "/api/v1/evals/drift"): "viewer",
    ("GET", "/api/v1/evals/{workflow}/candidates"): "viewer",
    ("POST", "/api/v1/evals/{workflow}/candidates"): "analyst",
    ("POST", "/api/v1/evals/{workflow}/harvest"): "analyst",
    ("POST", "/api/v1/config/check"): "analyst",
    ("GET", "/api/v1/bundles"): "viewer",
    ("POST", "/api/v1/bundles"): "analyst",
    ("POST", "/api/v1/bundles/{id}/activate"): "admin",
    ("POST", "/api/v1/bundles/rollback"): "admin",
    ("POST", "/api/v1/clock"): "admin",
    ("GET", "/api/v1/watched"): "viewer",
    ("GET", "/api/v1/bundles/{id}"): "analyst",
    ("GET", "/api/v1/config"): "viewer",
    ("GET", "/api/v1/config/files/{path}"): "analyst",
    ("GET", "/api/v1/config/history"): "viewer",
    ("GET", "/api/v1/identity/reviews"): "viewer",
    ("GET", "/api/v1/live/customers/{id}"): "viewer",
    ("POST", "/api/v1/bundles/release"): "admin",
    ("POST", "/api/v1/config/diff"): "analyst",
    ("POST", "/api/v1/config/follow"): "admin",
    ("POST", "/api/v1/identity/apart"): "operator",
    ("POST", "/api/v1/identity/merge"): "operator",
    ("POST", "/api/v1/identity/split"): "operator",
    ("GET", "/api/v1/schema/openapi.json"): "viewer",
}
PROVED = {("POST", "/api/v1/hooks/{source}"), ("GET", "/api/v1/hooks/{source}")}
"""What needs no key, because each delivery proves itself by the secret that its source shares with us."""


def all_routes(app):
    return {
        (method, path)
        for route in app.routes
        if (path := route.path_format) and path.startswith("/api")
        for method in route.methods - {"OPTIONS"}
        if hasattr(route, "methods")
    }


def test_every_route_of_the_api_is_in_the_table(app):
    found = {each for each in all_routes(app) if not each[1].startswith("/api/v1/schema")}
    assert found == PROVED | {each for each in NEEDED if not each[1].startswith("/api/v1/schema")}


@pytest.mark.parametrize(("method", "path"), sorted(NEEDED))
async def test_without_a_key_the_answer_is_401(client, method, path):
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}):
        answer = await client.request(method, path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path"), sorted(PROVED))
async def test_a_delivery_without_its_proof_is_denied_and_remembered_whatever_key_it_brings(
    client, key, layer, method, path
):
    for headers in ({}, key("admin")):
        layer.refused_tries.clear()
        answer = await client.request(method, path.replace("{source}", "erp"), headers=headers)
        assert (answer.status_code, answer.json()["title"]) == (401, "Not the vendors")
        assert len(layer.refused_tries) == 1


@pytest.mark.parametrize(("method", "path"), sorted(NEEDED))
async def test_a_role_below_is_403_and_remembered_and_one_above_comes_in(client, key, layer, method, path):
    needed = NEEDED[method, path]
    for role in (*RANKS, "auditor"):
        reaches = needed == "viewer" if role == "auditor" else RANKS.index(role) >= RANKS.index(needed)
        layer.refused_tries.clear()
        answer = await client.request(method, path, headers=key(role))
        assert (answer.status_code != 403) == reaches, (role, answer.text)
        assert bool(layer.refused_tries) != reaches


async def test_a_revoked_key_is_refused_from_the_next_request_on(client, key, layer, local):
    assert (await client.get("/api/v1/actions", headers=key("viewer"))).status_code == 200
    await layer.revoke_key("viewer", local)
    assert (await client.get("/api/v1/actions", headers=key("viewer"))).status_code == 401


async def test_a_web_session_is_no_api_key(client, layer, local):
    session = await layer.create_key("web", None, local, person="zeynep", kind="session")
    answer = await client.get("/api/v1/actions", headers={"Authorization": f"Bearer {session.secret}"})
    assert answer.status_code == 401


async def test_many_wrong_keys_must_wait_and_fill_no_journal_and_right_ones_from_the_same_address_go_on(
    client, key, layer
):
    wrong = {"Authorization": "Bearer nonsense"}
    answers = [await client.get("/api/v1/actions", headers=wrong) for _ in range(70)]
    assert [each.status_code for each in answers] == [401] * 60 + [429] * 10
    assert int(answers[-1].headers["retry-after"]) > 0
    assert len(layer.refused_tries) == 60
    assert (await client.get("/api/v1/actions", headers=key("admin"))).status_code == 200


async def test_health_is_open_and_says_why_it_is_not_ready(client, layer):
    assert (await client.get("/health/live")).json() == {"live": True}
    assert (await client.get("/health/ready")).status_code == 200
    layer.reasons = ("the database does not answer",)
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "reasons": ["the database does not answer"]}
