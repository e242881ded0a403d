"""Writes: done once, known when in doubt, never over what nobody saw."""

import pytest


class WritesOnce:
    """The peer has an operation `create` with a payload, looked up by our key; `created` tells the keys it holds."""

    async def test_without_write_true_nothing_is_sent(self, reader):
        receipt = await reader.connector.perform(reader.create, reader.payload, "key-1")
        assert (receipt.result, await reader.created()) == ("rejected", [])

    async def test_a_write_is_done_and_its_receipt_names_the_record(self, peer):
        receipt = await peer.connector.perform(peer.create, peer.payload, "key-1")
        assert (receipt.result, await peer.created()) == ("ok", ["key-1"])
        assert receipt.reference

    @pytest.mark.parametrize("fault", ["cut-after", "slow-after"])
    async def test_an_answer_that_never_comes_is_uncertain_and_the_look_up_finds_it(self, peer, fault):
        await peer.warm()
        peer.faults.append(fault)
        assert (await peer.connector.perform(peer.create, peer.payload, "key-1")).result == "uncertain"
        found = await peer.connector.probe(peer.create, peer.payload, "key-1")
        assert (found.result, await peer.created()) == ("ok", ["key-1"])

    async def test_a_connection_cut_before_is_uncertain_and_the_look_up_says_no(self, peer):
        await peer.warm()
        peer.faults.append("cut")
        assert (await peer.connector.perform(peer.create, peer.payload, "key-1")).result == "uncertain"
        assert await peer.connector.probe(peer.create, peer.payload, "key-1") is None

    @pytest.mark.parametrize(("fault", "result"), [(429, "throttled"), (503, "unavailable"), (400, "rejected")])
    async def test_a_refusal_is_told_as_what_it_is(self, peer, fault, result):
        await peer.warm()
        peer.faults.append(fault)
        assert (await peer.connector.perform(peer.create, peer.payload, "key-1")).result == result
        assert await peer.created() == []

    async def test_a_look_up_that_gets_no_answer_says_nothing(self, peer):
        from engine.ports import SourceDown

        await peer.warm()
        peer.faults.extend([500] * peer.attempts)
        with pytest.raises(SourceDown):
            await peer.connector.probe(peer.create, peer.payload, "key-1")


class WritesOverWhatWasSeen:
    """The peer's operation `change` gives the item of `key` the text `text` when it still has the text `was`."""

    async def test_what_stands_as_it_was_approved_is_changed(self, peer):
        await peer.put("a", "first", peer.noon)
        receipt = await peer.connector.perform(peer.change, peer.changing("a", "second", was="first"), "key-1")
        assert (receipt.result, await peer.holds("a")) == ("ok", "second")

    async def test_what_has_changed_since_is_a_conflict_and_stays(self, peer):
        await peer.put("a", "changed by somebody", peer.noon)
        receipt = await peer.connector.perform(peer.change, peer.changing("a", "second", was="first"), "key-1")
        assert (receipt.result, await peer.holds("a")) == ("conflict", "changed by somebody")

    async def test_what_is_not_there_is_rejected(self, peer):
        receipt = await peer.connector.perform(peer.change, peer.changing("nobody", "second", was="first"), "key-1")
        assert receipt.result == "rejected"
