"""A source's own limits hold an action back before it is sent: that is no attempt, no doubt, and stops at a switch."""

import pytest

from engine.events import Action
from tests.approvals.layer.company import Company


@pytest.fixture
async def limited(closed: Company):
    """The company whose CRM takes two requests a day."""
    sources = closed.home / "config/sources.yaml"
    sources.write_text(sources.read_text().replace("  crm:\n", "  crm:\n    limits: {rate: 2, per: P1D, reserve: 0}\n"))
    async with closed.open():
        yield closed


async def tasks(company: Company) -> dict[str, Action]:
    return {each.key.subject: each for each in await company.layer.actions(limit=100)}


async def test_what_a_days_quota_leaves_no_room_for_waits_without_doubt_and_is_never_given_up(limited: Company):
    for number in range(4):
        await limited.tell(f"C{number}", status="late")
    for _ in range(12):
        await limited.rest()
        limited.advance(days=1)
    states = [each.state for each in (await tasks(limited)).values()]
    assert (states.count("sent"), states.count("scheduled")) == (2, 2), "and none unknown or failed"
    words = [item.state for each in (await tasks(limited)).values() for item in each.history]
    assert "deferred" in words
    assert words.count("deferred") > 8, "more often than attempts are made"
    receipts = [
        each.body["result"] for each in await limited.layer.parts.store.entries(kinds=("receipt",)) if each.body
    ]
    assert set(receipts) == {"ok", "deferred"}


async def test_the_switch_pulled_meanwhile_stops_it(limited: Company):
    for number in range(3):
        await limited.tell(f"C{number}", status="late")
    await limited.rest()
    async with limited.http("elif") as http:
        await http.put("/api/v1/kill-switches/source:crm", json={"on": True, "reason": "stop"})
    limited.advance(days=2)
    await limited.rest()
    [waiting] = [each for each in (await tasks(limited)).values() if each.state != "sent"]
    assert "source:crm" in waiting.history[-1].reason
