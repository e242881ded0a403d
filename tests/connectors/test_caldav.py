"""The calendar connector against Radicale, and on iCalendar files."""

import os
import re
import shutil
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from connectors.discovery import discover
from connectors.registry import check, open_connector
from connectors.settings import Surroundings
from engine.ports import Connector, SourceDown
from engine.source import ConfigError
from tests.connectors.conformance import (
    NOON,
    FaultProxy,
    Follower,
    LivesThroughFaults,
    ManualClock,
    ReadsChanges,
    ReadsDeletes,
    ReadsEverything,
    WritesOnce,
    WritesOverWhatWasSeen,
    faulty,
)
from tests.connectors.loopback import loopback
from tests.connectors.peers.radicale import radicale

EVENT = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//test//EN\r
BEGIN:{kind}\r
UID:{uid}\r
DTSTAMP:20260301T090000Z\r
LAST-MODIFIED:{at:%Y%m%dT%H%M%SZ}\r
DTSTART;TZID=Europe/Istanbul:20260302T150000\r
SUMMARY:{text}\r
{more}END:{kind}\r
END:VCALENDAR\r
"""
WEEKLY = "RRULE:FREQ=WEEKLY\r\nDTEND;TZID=Europe/Istanbul:20260302T160000\r\n"
OPERATIONS = {
    "create": {
        "do": "create_event", "path": "/ada/calls/", "idempotency": "probe", "consequence": "low",
        "fields": {"title": True, "starts": True, "hours": False},
        "set": {"summary": "title", "dtstart": "starts", "dtend": 'starts + duration("PT1H")'},
    },
    "task": {
        "do": "create_task", "path": "/ada/calls/", "idempotency": "probe", "fields": {"title": True, "due": True},
        "set": {"summary": "title", "due": "due", "status": '"NEEDS-ACTION"', "priority": "1", "attendee": "null"},
    },
    "change": {
        "do": "update", "path": "/ada/calls/", "key": "event", "idempotency": "probe",
        "fields": {"event": True, "text": True, "was": False},
        "set": {"summary": "text", "location": "null"},
        "before": "was = null or now.summary = was",
    },
}  # fmt: skip


@dataclass
class Calendar:
    """One user's calendar, spoken to directly; the connector goes through the proxy."""

    folder: Path
    proxy: FaultProxy
    http: httpx.AsyncClient
    home: Path
    clock: ManualClock = field(default_factory=ManualClock)
    connector: Connector | None = None
    stream = "work"
    page_size = 4
    attempts = 3
    renews = False
    noon = NOON
    create = "create"
    change = "change"
    payload = {"title": "Call Ada", "starts": NOON}  # noqa: RUF012

    def open(self, *, write=False, password="secret", **stream):
        settings = {
            "connector": "caldav", "url": self.proxy.url, "write": write, "timeout": "PT4S",
            "auth": {"basic": {"user": "ada", "password": password}},
            "limits": {"rate": 100000, "attempts": 3, "most_wait": "PT0.2S", "rest_after": 100},
            "streams": {"work": {"path": "/ada/calls/", "page_size": 4, **stream}}, "operations": OPERATIONS,
        }  # fmt: skip
        self.connector = open_connector("cal", settings, Surroundings(self.home, self.clock))
        return self

    @property
    def faults(self):
        return self.proxy.faults

    async def warm(self):
        pass

    async def put(self, key, text, at=NOON, kind="VEVENT", more=""):
        body = EVENT.format(uid=key, text=text.replace(",", "\\,"), at=at, kind=kind, more=more)
        answer = await self.http.put(
            f"/ada/calls/{quote(key)}.ics", content=body, headers={"Content-Type": "text/calendar"}
        )
        assert answer.is_success, answer.text

    async def remove(self, key):
        assert (await self.http.delete(f"/ada/calls/{key}.ics")).is_success

    def text(self, record):
        return record.data.get("summary")

    def files(self):
        return [each.read_text() for each in self.folder.glob("collection-root/ada/calls/*.ics")]

    async def created(self):
        return [found[1] for each in self.files() if (found := re.search(r"X-OPSLAYER-KEY:(\S+)", each))]

    async def holds(self, key):
        answer = await self.http.get(f"/ada/calls/{key}.ics")
        return re.search(r"SUMMARY:(.*?)\r?\n", answer.text)[1]

    def changing(self, key, text, was=None):
        return {"event": key, "text": text, "was": was}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("radicale")
    with radicale(home) as url:
        yield home / "collections", url


@pytest.fixture
async def calendar(server, tmp_path):
    folder, url = server
    async with faulty(url) as proxy, httpx.AsyncClient(base_url=url, auth=("ada", "secret")) as http:
        assert (await http.request("MKCALENDAR", "/ada/calls/")).status_code == 201
        peer = Calendar(folder, proxy, http, tmp_path)
        yield peer
        if peer.connector:
            await peer.connector.aclose()
        await http.delete("/ada/calls/")


class TestReading(ReadsEverything, ReadsChanges, ReadsDeletes, LivesThroughFaults):
    @pytest.fixture
    def peer(self, calendar):
        return calendar.open()


class TestWriting(WritesOnce, WritesOverWhatWasSeen):
    @pytest.fixture
    def peer(self, calendar):
        return calendar.open(write=True)

    @pytest.fixture
    def reader(self, calendar):
        return calendar.open()

    async def test_the_same_key_again_is_the_same_event(self, peer):
        first = await peer.connector.perform("create", peer.payload, "key-1")
        again = await peer.connector.perform("create", peer.payload, "key-1")
        assert (again.result, again.reference, len(peer.files())) == ("ok", first.reference, 1)

    async def test_an_event_becomes_the_record_that_it_was_written_as(self, peer):
        receipt = await peer.connector.perform("create", peer.payload, "key-1")
        record = await peer.connector.fetch("work", receipt.reference)
        assert (record.data["summary"], record.data["our_key"]) == ("Call Ada", "key-1")
        assert (record.data["starts_at"], record.data["ends_at"]) == (NOON, NOON + timedelta(hours=1))
        follower = Follower(peer)
        assert await follower.sync() == [(receipt.reference, "Call Ada")]

    async def test_a_task_has_its_day(self, peer):
        receipt = await peer.connector.perform("task", {"title": "Look", "due": date(2026, 3, 5)}, "key-1")
        record = await peer.connector.fetch("work", receipt.reference)
        assert (record.data["component"], record.data["due_at"]) == ("VTODO", date(2026, 3, 5))
        assert (record.data["status"], record.data["priority"]) == ("NEEDS-ACTION", 1)

    async def test_an_update_keeps_what_it_does_not_speak_of(self, peer):
        await peer.put("a", "first", more="DESCRIPTION:kept\r\nLOCATION:taken away\r\n")
        receipt = await peer.connector.perform("change", peer.changing("a", "second"), "key-1")
        record = await peer.connector.fetch("work", "a")
        assert (receipt.result, record.data["description"]) == ("ok", "kept")
        assert "location" not in record.data
        found = await peer.connector.probe("change", peer.changing("a", "second"), "key-1")
        assert (found.result, found.reference) == ("ok", "a")

    async def test_somebody_who_writes_between_our_reading_and_our_writing_wins(self, peer):
        await peer.put("a", "first")
        real = peer.proxy.ask

        async def meanwhile(line, headers, body):
            if line.startswith("PUT"):
                await peer.put("a", "theirs")
            return await real(line, headers, body)

        peer.proxy.ask = meanwhile
        receipt = await peer.connector.perform("change", peer.changing("a", "ours", was="first"), "key-1")
        assert (receipt.result, await peer.holds("a")) == ("conflict", "theirs")

    async def test_one_time_of_a_recurring_event_is_not_changed_by_itself(self, peer):
        await peer.put("w", "weekly", more=WEEKLY)
        receipt = await peer.connector.perform("change", peer.changing("w|20260309T120000Z", "x"), "key-1")
        assert (receipt.result, "recurring" in receipt.detail) == ("rejected", True)


class TestRecurring:
    @pytest.fixture
    def peer(self, calendar):
        return calendar.open(past="P7D", ahead="P22D")

    async def test_a_series_is_one_record_for_each_time_in_the_window(self, peer):
        moved = (
            "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:w\r\nDTSTAMP:20260301T090000Z\r\nSUMMARY:moved\r\n"
            "RECURRENCE-ID;TZID=Europe/Istanbul:20260309T150000\r\nDTSTART;TZID=Europe/Istanbul:20260310T150000\r\n"
        )
        await peer.put("w", "weekly", more=WEEKLY + "EXDATE;TZID=Europe/Istanbul:20260316T150000\r\n" + moved)
        follower = Follower(peer)
        assert await follower.sync() == [
            ("w|20260302T120000Z", "weekly"), ("w|20260309T120000Z", "moved"), ("w|20260323T120000Z", "weekly"),
        ]  # fmt: skip
        assert follower.state()["w|20260309T120000Z"] == "moved"
        told = {each.key: each.data["starts_at"].isoformat() for each in follower.told}
        assert told["w|20260309T120000Z"] == "2026-03-10T15:00:00+03:00"
        assert (await peer.connector.fetch("work", "w|20260309T120000Z")).data["summary"] == "moved"

    async def test_the_window_moves_with_time_and_what_was_told_stays(self, peer):
        await peer.put("w", "weekly", more=WEEKLY)
        follower = Follower(peer)
        await follower.sync()
        peer.clock.advance(hours=1)
        assert await follower.sync() == []
        peer.clock.advance(days=14)
        await follower.sync()
        assert min(follower.state()) == "w|20260302T120000Z"
        assert max(follower.state()) == "w|20260406T120000Z"
        assert not any(each.deleted for each in follower.told)

    async def test_times_that_are_no_more_and_a_series_that_is_deleted_are_gone(self, peer):
        await peer.put("w", "weekly", more=WEEKLY)
        follower = Follower(peer)
        await follower.sync()
        await peer.put("w", "weekly", more=WEEKLY.replace("WEEKLY", "WEEKLY;COUNT=2"))
        await follower.sync()
        assert sorted(follower.state()) == ["w|20260302T120000Z", "w|20260309T120000Z"]
        await peer.remove("w")
        await follower.sync()
        assert follower.state() == {}


class TestTokens:
    @pytest.fixture
    def peer(self, calendar):
        return calendar.open()

    async def test_a_token_that_the_server_forgot_begins_again_and_says_what_is_gone(self, peer, server):
        await peer.put("a", "first")
        await peer.put("b", "first")
        follower = Follower(peer)
        await follower.sync()
        shutil.rmtree(server[0] / "collection-root" / "ada" / "calls" / ".Radicale.cache" / "sync-token")
        await peer.remove("a")
        await peer.put("c", "first")
        start = len(follower.pages)
        assert sorted(key for key, _ in await follower.sync()) == ["b", "c"]
        assert [page.complete for page in follower.pages[start:]][-1]
        assert await follower.sync() == []
        assert not follower.pages[-1].complete

    async def test_what_is_no_calendar_waits_and_the_rest_comes_in(self, peer):
        await peer.put("a", "first")
        await peer.put("b", "first")
        real = peer.proxy.ask

        async def broken(line, headers, body):
            plain = [each for each in headers if each[0].lower() != "accept-encoding"]
            status, fields, content = await real(line, plain, body)
            return status, fields, content.replace(b"BEGIN:VCALENDAR", b"BEGIN:NONSENSE", 1)

        peer.proxy.ask = broken
        follower = Follower(peer)
        await follower.sync()
        assert (len(follower.told), [each.problem.code for each in follower.rejected]) == (1, ["broken-calendar"])

    async def test_a_wrong_password_is_told_as_such(self, peer):
        await peer.connector.aclose()
        peer.open(password="guess")
        with pytest.raises(SourceDown, match="401"):
            await Follower(peer).sync()

    async def test_its_calendars_are_discovered(self, calendar):
        calendar.proxy.target += "/ada"
        peer = calendar.open()
        found = await discover(peer.connector)
        assert [each.name for each in found] == ["/ada/calls/"]


class TestFiles:
    @pytest.fixture
    def opened(self, tmp_path):
        def opened(url="", **stream):
            settings = {"connector": "caldav", "url": url, "streams": {"work": {"ics": "holidays.ics", **stream}}}
            connector = open_connector("cal", settings, Surroundings(tmp_path, ManualClock()))
            return Follower(Calendar(tmp_path, None, None, tmp_path, connector=connector))

        return opened

    def text(self, *events):
        whole = EVENT.format(uid=events[0], text=events[0], at=NOON, kind="VEVENT", more="").splitlines(keepends=True)
        parts = ["".join(whole[3:-1]).replace(f":{events[0]}", f":{each}") for each in events]
        return "".join([*whole[:3], *parts, whole[-1]])

    async def test_a_file_is_read_anew_when_it_changed(self, opened, tmp_path):
        file = tmp_path / "holidays.ics"
        file.write_text(self.text("a", "b"))
        follower = opened()
        assert await follower.sync() == [("a", "a"), ("b", "b")]
        assert await follower.sync() == []
        assert not follower.pages[-1].complete
        file.write_text(self.text("b", "c"))
        assert await follower.sync() == [("b", "b"), ("c", "c")]
        assert follower.pages[-1].complete
        await follower.peer.connector.aclose()

    async def test_a_file_has_told_up_to_when_it_was_written(self, opened, tmp_path):
        file = tmp_path / "holidays.ics"
        file.write_text(self.text("a"))
        night = NOON - timedelta(hours=9)
        os.utime(file, (night.timestamp(), night.timestamp()))
        follower = opened()
        await follower.sync()
        await follower.sync()
        assert [page.watermark for page in follower.pages[-2:]] == [night, night]
        await follower.peer.connector.aclose()

    async def test_an_address_is_read_the_same_way(self, opened):
        async with loopback() as server:
            server.get_calendar = lambda _: (200, self.text("a").encode(), {})
            server.__class__.get_holidays = None
            setattr(server, "get_holidays.ics", server.get_calendar)
            follower = opened(url=server.url)
            assert await follower.sync() == [("a", "a")]
            setattr(server, "get_holidays.ics", lambda _: (200, b"<html>sign in</html>", {}))
            with pytest.raises(SourceDown, match="no iCalendar"):
                await follower.sync()
            await follower.peer.connector.aclose()

    async def test_a_missing_file_is_a_source_down(self, opened):
        with pytest.raises(SourceDown, match=r"holidays\.ics cannot be read"):
            await opened().sync()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"streams": {"a": {}}}, "at a `path` of the server, or a file"),
        ({"streams": {"a": {"path": "/x/"}}}, "needs the `url`"),
        ({"url": "http://x", "operations": {"a": {"do": "update", "path": "/x/", "set": {}}}}, "names its record"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(settings, words, tmp_path):
    with pytest.raises(ConfigError, match=words):
        open_connector("cal", {"connector": "caldav", **settings}, Surroundings(tmp_path, ManualClock()))
    assert check("cal", {"connector": "caldav", **settings}) == ()
