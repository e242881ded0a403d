from api.bundles.building import from_git


async def test_an_archive_is_uploaded_as_it_is(client, key, repo):
    headers = key("analyst") | {"Content-Type": "application/x-tar"}
    answer = await client.post("/api/v1/bundles", content=from_git(repo.home, "main"), headers=headers)
    assert answer.status_code == 201
    assert answer.json()["id"]


async def test_only_an_admin_rolls_back(client, key):
    assert (await client.post("/api/v1/bundles/rollback", headers=key("analyst"))).status_code == 403
    assert (await client.post("/api/v1/bundles/rollback", headers=key("admin"))).status_code == 200
