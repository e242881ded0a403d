"""The bench of verdicts and dispatch runs the whole layer, so that its figures are of the real thing."""

from bench.act.run import measure


async def test_it_measures_a_word_and_a_sending_each():
    found = await measure("", 4)
    assert found["actions"] == 4
    assert min(found["decisions/s"], found["dispatches/s"]) > 0
    assert found["event to inbox p50 ms"] <= found["event to inbox p99 ms"]
