"""The flood in small: more senders at once than one process takes on, and each event is in the journal once."""

from bench.flow.flood import flood


async def test_a_flood_is_asked_to_come_again_and_loses_nothing():
    found = await flood(1500, "sqlite", size=3, requests=20)
    assert found["asked to come again"] > 0
    assert found["none lost, none twice"]
