"""What went wrong is settled by a person, by HTTP, on the real layer: unknown ones and dead letters."""

import pytest

from tests.approvals.layer.company import Company


async def gone_wrong(company: Company, state: str) -> str:
    """Approve a letter and leave it unknown (the line was cut after the words) or failed (no such address)."""
    await company.tell(status="due", email="nobody@c1.example" if state == "failed" else "info@c1.example")
    company.box.refused, company.box.cut = {"nobody@c1.example"}, state == "unknown"
    await company.decide(await company.only("due"), "approve")
    await company.rest()
    company.box.refused, company.box.cut = set(), False
    action = await company.only("due")
    assert action.state == state
    return action.id


@pytest.mark.parametrize(
    ("state", "word", "after", "mails"),
    [
        ("unknown", "happened", "sent", 1),
        ("unknown", "missed", "sent", 2),
        ("failed", "retry", "sent", 1),
        ("failed", "drop", "rejected", 0),
    ],
)
async def test_a_persons_word_settles_it(company: Company, state, word, after, mails):
    id = await gone_wrong(company, state)
    async with company.http() as http:
        path = f"/api/v1/actions/{id}/settle"
        answer = await http.post(path, json={"word": word, "reason": "I looked"})
        assert answer.status_code == 200
        await company.rest()
        assert (await company.only("due")).state == after
        assert (await http.post(path, json={"word": word})).status_code == 409
    assert len(company.box.mails) == mails


@pytest.mark.parametrize("state", ["unknown", "failed"])
async def test_it_is_handed_over_to_a_colleague(company: Company, state):
    id = await gone_wrong(company, state)
    async with company.http() as http:
        path = f"/api/v1/actions/{id}/settle"
        given = await http.post(path, json={"word": "hand-over", "to": "mehmet"})
        assert (given.json()["state"], given.json()["history"][-1]["reason"]) == (state, "mehmet")
        assert (await http.post(path, json={"word": "hand-over", "to": "nobody"})).status_code == 422


async def test_who_has_no_say_settles_nothing_and_that_is_remembered(company: Company):
    id = await gone_wrong(company, "unknown")
    async with company.http("elif") as admin:
        assert (await admin.post(f"/api/v1/actions/{id}/settle", json={"word": "nonsense"})).status_code == 422
    assert (await company.only("due")).state == "unknown"


async def test_it_is_documented(company: Company):
    async with company.http() as http:
        document = (await http.get("/api/v1/schema/openapi.json")).json()
    body = document["paths"]["/api/v1/actions/{id}/settle"]["post"]["requestBody"]
    assert body["content"]["application/json"]["schema"]["$ref"].endswith("SettleIn")
