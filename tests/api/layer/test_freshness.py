"""A source's lag is measured, and its alarm told once for each time that it grows stale."""

from datetime import datetime, timedelta

import pytest

from api.bootstrap import open_layer
from api.clock import SimulatedClock
from api.layer.intake import ALARM
from api.starter import write_home

NOW = datetime.fromisoformat("2026-03-02T09:00:00+03:00")


@pytest.fixture
def home(tmp_path):
    write_home(tmp_path / "home")
    file = tmp_path / "home" / "config" / "sources.yaml"
    file.write_text(file.read_text().replace("  ledger:\n", "  ledger:\n    stale_after: PT2H\n"))
    return tmp_path / "home"


async def alarms(layer):
    entries = await layer.parts.store.entries(kinds=("note",))
    return [each.body["state"] for each in entries if each.body and each.body.get("alarm") == ALARM]


async def test_an_episode_is_journalled_once_and_closed_when_the_source_is_heard(home):
    clock = SimulatedClock(NOW)
    async with open_layer(home, clock) as layer:
        await layer.sync()
        await layer.tick()
        [status] = [each for each in await layer.sources() if each.name == "ledger"]
        assert (status.state, status.limit) == ("fresh", timedelta(hours=2))
        assert await alarms(layer) == []
        clock.advance(NOW + timedelta(hours=3))
        for _ in range(3):
            await layer.tick()
        [status] = [each for each in await layer.sources() if each.name == "ledger"]
        assert status.state == "stale"
        assert status.lag >= timedelta(hours=3)
        assert await alarms(layer) == ["stale"]
    async with open_layer(home, clock) as layer:
        await layer.tick()
        assert await alarms(layer) == ["stale"]
        await layer.sync()
        await layer.tick()
        assert await alarms(layer) == ["stale", "heard again"]
