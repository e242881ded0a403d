"""What happens between a connector and its peer, and must neither lose nor double anything."""

import pytest

from engine.ports import SourceDown
from tests.connectors.conformance.reading import NOON, Follower


class LivesThroughFaults:
    """The peer's `faults` are those of a FaultProxy; `attempts` requests are made before a source is down."""

    async def filled(self, peer):
        for number in range(2 * peer.page_size + 1):
            await peer.put(f"k{number:03}", "first", NOON)
        return 2 * peer.page_size + 1

    @pytest.mark.parametrize("fault", [500, 503, (429, {"Retry-After": "0.1"}), "cut-after", "slow"], ids=str)
    async def test_a_passing_fault_in_the_middle_is_survived(self, peer, fault):
        count = await self.filled(peer)
        peer.faults.extend([None, fault])
        follower = Follower(peer)
        assert len(await follower.sync()) == count
        assert follower.doubles() == []

    @pytest.mark.parametrize("fault", [500, 429, "cut"])
    async def test_a_lasting_fault_is_a_source_down_and_the_next_read_has_all(self, peer, fault):
        count = await self.filled(peer)
        peer.faults.extend([None, *[fault] * peer.attempts])
        follower = Follower(peer)
        with pytest.raises(SourceDown):
            await follower.sync()
        assert not any(page.complete for page in follower.pages)
        peer.faults.clear()
        await follower.sync()
        assert len(follower.state()) == count

    async def test_a_refused_credential_in_the_middle_loses_nothing(self, peer):
        count = await self.filled(peer)
        peer.faults.extend([None, 401] if peer.renews else [None, 401, 401])
        follower = Follower(peer)
        if not peer.renews:
            with pytest.raises(SourceDown):
                await follower.sync()
            peer.faults.clear()
        await follower.sync()
        assert len(follower.state()) == count
