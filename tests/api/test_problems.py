"""Whatever goes wrong is a problem document for programs and a page for people, and nothing of the inside."""

import pytest

from tests.api.test_events import SINGLE, event


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/v2/actions", "/nowhere", "/api/v1/actions/a/b/c"])
async def test_an_unknown_route_is_404(client, key, path):
    answer = await client.get(path, headers=key("admin"))
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= answer.json().keys()


async def test_a_wrong_method_is_405_and_says_which_are_allowed(client, key):
    answer = await client.delete("/api/v1/actions", headers=key("admin"))
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_that_is_no_json_is_400_or_415(client, key):
    path = "/api/v1/actions/act-0001/verdict"
    json = key("operator") | {"content-type": "application/json"}
    assert (await client.post(path, content=b"{", headers=json)).status_code == 400
    assert (await client.post(path, content=b"", headers=json)).status_code == 400
    assert (await client.post(path, content=b"verdict=approve", headers=key("operator"))).status_code == 415


async def test_what_nobody_expected_tells_an_id_and_nothing_else(client, key, layer, caplog):
    layer.broken = True
    answer = await client.post("/api/v1/events", json=event(), headers=key("operator") | SINGLE)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.json()["instance"].removeprefix("urn:uuid:") in caplog.text


async def test_a_person_gets_a_page(client):
    answer = await client.get("/nowhere", headers={"accept": "text/html,*/*"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
