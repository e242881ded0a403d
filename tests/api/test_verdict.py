import pytest

DIGEST = "01" * 32


@pytest.fixture
def decide(client, key):
    async def decide(verdict="approve", id="act-0001", role="operator", headers=None, **more):
        body = {"verdict": verdict, "digest": DIGEST} | more
        return await client.post(f"/api/v1/actions/{id}/verdict", json=body, headers=key(role) | (headers or {}))

    return decide


async def test_an_approval_answers_the_new_state(decide):
    answer = await decide(reason="fine")
    assert answer.status_code == 200
    assert answer.json()["state"] == "approved"
    assert answer.json()["history"][-1]["by"] == "key:operator"


async def test_the_second_verdict_is_told_who_decided_and_when(decide):
    await decide()
    answer = await decide("reject")
    assert answer.status_code == 409
    assert answer.json()["by"] == "key:operator"
    assert answer.json()["at"] == "2026-03-27T08:00:00+00:00"
    assert answer.json()["state"] == "approved"


async def test_another_digest_is_412_with_the_difference(decide):
    answer = await decide(digest="00" * 32)
    assert answer.status_code == 412
    assert answer.json()["digest"] == DIGEST
    assert answer.json()["difference"] == {
        "balance": {"shown": "90.00", "current": {"amount": "100.00", "currency": "TRY"}}
    }


async def test_somebody_elses_ruleset_is_403(decide, layer):
    layer.limit = ("quotes",)
    answer = await decide()
    assert answer.status_code == 403


async def test_an_edit_is_a_new_version(decide):
    answer = await decide("edit", edit={"subject": "A friendly reminder"})
    assert answer.json()["version"] == 2
    assert answer.json()["payload"]["subject"] == "A friendly reminder"


async def test_an_edit_of_what_may_not_be_edited_is_422(decide):
    answer = await decide("edit", edit={"to": "evil@example.org"})
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:opslayer:problem:not-editable"


async def test_delegation_to_nobody_known_is_422(decide):
    assert (await decide("delegate", to="nobody")).status_code == 422
    assert (await decide("delegate", to="mehmet")).status_code == 200


async def test_the_same_idempotency_key_gives_the_same_answer(decide):
    once = {"Idempotency-Key": "k-1"}
    first = await decide(headers=once)
    again = await decide(headers=once)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    other = await decide("reject", headers=once)
    assert other.status_code == 422
    assert other.json()["type"] == "urn:opslayer:problem:key-reused"


async def test_an_unknown_action_is_404(decide):
    assert (await decide(id="none")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"verdict": "approve"},
        {"verdict": "maybe", "digest": "x"},
        [],
        {"verdict": "approve", "digest": "x", "amount": 1},
    ],
)
async def test_a_body_of_another_shape_is_422(client, key, body):
    answer = await client.post("/api/v1/actions/act-0001/verdict", json=body, headers=key("operator"))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_get_never_decides(client, key, layer):
    answer = await client.get("/api/v1/actions/act-0001/verdict", headers=key("operator"))
    assert answer.status_code == 405
    assert layer.store["act-0001"].state == "pending"
