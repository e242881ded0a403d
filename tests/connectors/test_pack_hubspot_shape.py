"""The HubSpot pack before Prism, which knows HubSpot's own OpenAPI files and refuses what has another shape."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from engine.ports import SourceDown
from tests.connectors.conformance import ManualClock
from tests.connectors.conformance.simulated import pack
from tests.connectors.peers import prism

SPEC = Path(__file__).parent / "peers" / "hubspot.json"
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    with prism(SPEC, tmp_path_factory.mktemp("hubspot")) as url:
        yield url


@pytest.fixture
async def hubspot(service, tmp_path):
    opened = []

    def open(*, token="t", **own):
        limits = {"rate": 1000, "attempts": 1}
        opened.append(
            pack("hubspot", tmp_path, {"HUBSPOT_TOKEN": token}, ManualClock(), url=service, limits=limits, **own)
        )
        return opened[-1]

    yield open
    for each in opened:
        await each.aclose()


async def first_page(connector, stream, cursor=""):
    """Prism names a next page on every page, so reading to the end is for a server that keeps something."""
    pages = connector.read(stream, cursor)
    async for page in pages:
        await pages.aclose()
        return page
    return None


@pytest.mark.parametrize("stream", ["companies", "contacts", "deals", "notes", "tasks"])
async def test_what_is_asked_has_the_shape_that_hubspot_wants(hubspot, stream):
    page = await first_page(hubspot(), stream)
    assert len(page.records) + len(page.rejected) > 0
    assert not page.complete


@pytest.mark.parametrize("stream", ["companies", "contacts", "deals"])
async def test_changes_are_asked_for_since_a_moment_in_milliseconds(hubspot, stream):
    cursor = '{"since":"1772452800000","scanned":"2026-03-02T12:00:00Z"}'
    assert await first_page(hubspot(), stream, cursor) is not None


async def test_without_a_token_prism_answers_401_and_the_source_is_down(hubspot):
    with pytest.raises(SourceDown, match="status 401"):
        await first_page(hubspot(token=""), "companies")


async def test_a_search_of_another_shape_is_refused_so_the_check_means_something(service):
    async with httpx.AsyncClient(base_url=service, headers={"Authorization": "Bearer t"}) as client:
        refused = await client.post("/crm/v3/objects/companies/search", json={"filterGroups": "none"})
    assert refused.status_code in {400, 422}


async def test_tasks_and_notes_are_made_and_looked_up(hubspot):
    connector = hubspot(write=True)
    task = {"assignee": "7", "customer": "17", "title": "Call", "text": "about invoice 7"}
    assert (await connector.perform("create_task", task, "key-1")).result == "ok"
    assert (await connector.probe("create_task", task, "key-1")).result == "ok"
    note = {"customer": "17", "text": "promised for Friday", "at": AT}
    assert (await connector.perform("create_note", note, "key-2")).result == "ok"
    assert (await connector.probe("create_note", note, "key-2")).result == "ok"
