"""What is in force, over HTTP, on the double of the facade."""

import pytest


async def test_what_is_in_force_is_told_to_viewers_and_its_texts_to_analysts(client, key):
    found = (await client.get("/api/v1/config", headers=key("viewer"))).json()
    assert (found["revision"], found["followed"]) == ("3f9c2a", None)
    assert (await client.get("/api/v1/config/files/config/app.yaml", headers=key("viewer"))).status_code == 403
    answer = await client.get("/api/v1/config/files/config/app.yaml", headers=key("analyst"))
    assert answer.text == "format: 1\n"
    assert (await client.get("/api/v1/config/files/x.yaml", headers=key("analyst"))).status_code == 404


async def test_the_history_is_bounded(client, key):
    answer = await client.get("/api/v1/config/history", headers=key("viewer"))
    assert [each["kind"] for each in answer.json()] == ["activated"]
    assert (await client.get("/api/v1/config/history?limit=0", headers=key("viewer"))).status_code in (400, 422)


async def test_texts_are_checked_without_being_kept(client, key):
    answer = await client.post("/api/v1/config/check", json={"files": {"config/app.yaml": "x"}}, headers=key("analyst"))
    assert answer.status_code == 200
    assert (await client.post("/api/v1/config/check", headers=key("analyst"))).status_code == 200


@pytest.mark.parametrize(("base", "status"), [("main", 200), ("nowhere", 422)])
async def test_revisions_are_compared_or_it_is_said_why_not(client, key, base, status):
    answer = await client.post("/api/v1/config/diff", json={"base": base}, headers=key("analyst"))
    assert answer.status_code == status


async def test_only_an_admin_releases_and_looks_at_the_branch(client, key):
    for path, found in (("bundles/release", 409), ("config/follow", 404)):
        assert (await client.post(f"/api/v1/{path}", headers=key("analyst"))).status_code == 403
        assert (await client.post(f"/api/v1/{path}", headers=key("admin"))).status_code == found


async def test_one_bundle_is_read_with_its_texts(client, key):
    assert "config/app.yaml" in (await client.get("/api/v1/bundles/3f9c2a", headers=key("analyst"))).json()["files"]
    assert (await client.get("/api/v1/bundles/none", headers=key("analyst"))).status_code == 404
