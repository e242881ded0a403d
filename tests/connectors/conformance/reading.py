"""What every connector must do, run against its real peer. A test class inherits the parts that apply to it."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from engine.events import Record
from engine.ports import Connector, Page

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class ManualClock:
    at: datetime = NOON

    def now(self):
        return self.at

    def advance(self, **by):
        self.at += timedelta(**by)


class Peer(Protocol):
    """A real system with things in it that have a key and a text."""

    connector: Connector
    stream: str
    page_size: int

    async def put(self, key: str, text: str, at: datetime) -> None: ...

    async def remove(self, key: str) -> None: ...

    def text(self, record: Record) -> str: ...


@dataclass
class Follower:
    """Reads a stream as the flow does: keeps the cursor of each page it took."""

    peer: Peer
    cursor: str = ""
    told: list[Record] = field(default_factory=list)
    rejected: list = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)

    async def sync(self, most_pages=None):
        """Read until there is no more, or break off after `most_pages`; returns what was told."""
        before, taken = len(self.told), 0
        pages = self.peer.connector.read(self.peer.stream, self.cursor)
        async for page in pages:
            self.pages.append(page)
            self.told += page.records
            self.rejected += page.rejected
            self.cursor = page.cursor
            taken += 1
            if taken == most_pages:
                await pages.aclose()
                break
        return [(each.key, self.peer.text(each)) for each in self.told[before:] if not each.deleted]

    def state(self):
        """What is known after everything that was told."""
        known = {}
        for each in self.told:
            known.pop(each.key, None)
            if not each.deleted:
                known[each.key] = self.peer.text(each)
        return known

    def doubles(self):
        """What was told more than once."""
        counts = Counter((each.key, each.deleted, self.peer.text(each)) for each in self.told)
        return [told for told, count in counts.items() if count > 1]


class ReadsEverything:
    async def test_the_initial_read_tells_everything_once(self, peer):
        for number in range(2 * peer.page_size + 1):
            await peer.put(f"k{number:03}", "first", NOON - timedelta(minutes=number))
        follower = Follower(peer)
        await follower.sync()
        assert sorted(follower.state()) == [f"k{number:03}" for number in range(2 * peer.page_size + 1)]
        assert follower.doubles() == []

    async def test_exactly_one_page_is_told_once(self, peer):
        for number in range(peer.page_size):
            await peer.put(f"k{number}", "first", NOON)
        follower = Follower(peer)
        assert len(await follower.sync()) == peer.page_size
        assert follower.pages[-1].watermark is not None

    async def test_nothing_there_still_moves_the_watermark(self, peer):
        follower = Follower(peer)
        assert await follower.sync() == []
        assert follower.pages[-1].watermark is not None


class ReadsChanges:
    async def test_only_changes_are_told_afterwards(self, peer):
        await peer.put("a", "first", NOON)
        await peer.put("b", "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        assert await follower.sync() == []
        await peer.put("b", "second", NOON + timedelta(minutes=5))
        assert await follower.sync() == [("b", "second")]
        assert await follower.sync() == []

    async def test_equal_timestamps_are_neither_lost_nor_doubled(self, peer):
        await peer.put("m", "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        await peer.put("a", "same moment, earlier key", NOON)
        await peer.put("z", "same moment, later key", NOON)
        await peer.put("m", "changed within the same moment", NOON)
        assert sorted(key for key, _ in await follower.sync()) == ["a", "m", "z"]
        assert await follower.sync() == []

    async def test_a_late_commit_with_an_earlier_time_is_found(self, peer):
        await peer.put("b", "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        await peer.put("a", "began before b, ended after", NOON - timedelta(seconds=5))
        assert await follower.sync() == [("a", "began before b, ended after")]

    async def test_a_read_broken_off_goes_on_without_gaps(self, peer):
        for number in range(3 * peer.page_size):
            await peer.put(f"k{number:03}", "first", NOON)
        follower = Follower(peer)
        await follower.sync(most_pages=1)
        await peer.put("k000", "second", NOON)
        await follower.sync()
        assert len(follower.state()) == 3 * peer.page_size
        assert follower.state()["k000"] == "second"

    async def test_concurrent_writers_leave_no_gaps_and_no_doubles(self, peer):
        follower = Follower(peer)
        wanted = {}

        async def write(name):
            for number in range(30):
                key, text = f"{name}{number % 7}", f"{name} {number}"
                await peer.put(key, text, NOON + timedelta(seconds=number // 3))
                wanted[key] = text
                await asyncio.sleep(0)

        writers = asyncio.gather(write("x"), write("y"))
        while not writers.done():
            await follower.sync()
        await writers
        await follower.sync()
        assert follower.state() == wanted
        assert follower.doubles() == []


class ReadsDeletes:
    async def test_what_is_deleted_is_told(self, peer):
        await peer.put("a", "first", NOON)
        await peer.put("b", "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        await peer.remove("a")
        before = len(follower.told)
        await follower.sync()
        assert [(each.key, each.deleted) for each in follower.told[before:]] == [("a", True)]
        assert sorted(follower.state()) == ["b"]


class ScansForDeletes:
    async def test_only_a_completed_scan_says_what_is_gone(self, peer):
        for number in range(2 * peer.page_size):
            await peer.put(f"k{number}", "first", NOON)
        follower = Follower(peer)
        await follower.sync(most_pages=1)
        assert not follower.pages[-1].complete
        await follower.sync()
        await peer.remove("k0")
        start = len(follower.pages)
        await follower.sync()
        seen = {each.key for page in follower.pages[start:] for each in page.records}
        assert follower.pages[-1].complete
        assert "k0" not in seen
        assert len(seen) == 2 * peer.page_size - 1
