"""Long work tells what came of it, on a page that outlives the server."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest

from api import works
from api.web.evals import label
from api.works import Came, Works, work

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def begun(kind="sync", about="erp"):
    return work(kind, about, "ayse", NOW, 7)


async def ended(running, layer, id):
    for _ in range(200):
        found = await running.find(id, layer)
        if found.state != "running":
            return found
        await asyncio.sleep(0.01)
    raise AssertionError(found)


async def test_a_verification_ends_with_its_sentence(enter, served):
    browser = await enter("zeynep")
    await browser.get("/admin/journal")
    answer = await browser.post("/admin/tasks", kind="verify")
    address = answer.headers["location"]
    await ended(served.works, served.layer, address.rpartition("/")[2])
    page = (await browser.get(address)).text
    assert "done" in page
    assert "entries match their chain" in page


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"entries": 9, "anchored": 8, "problems": ["entry 4 does not match"]}, "entry 4 does not match"),
        ({"entries": 1200, "anchored": 1000, "problems": []}, "All 1,200 entries match their chain, 1,000 anchored"),
    ],
)
async def test_what_came_of_it_is_told_after_a_restart_too(enter, served, facts, said):
    async def doing():
        return Came(facts)

    before = Works()
    found = await before.begin(begun("verify", ""), doing, lambda: NOW, served.layer)
    await ended(before, served.layer, found.id)
    page = (await (await enter("zeynep")).get(f"/admin/tasks/{found.id}")).text
    assert said in page


async def test_work_that_the_end_of_the_server_cut_off_says_so(enter, served):
    running = await served.works.begin(begun(), asyncio.Event().wait, lambda: NOW, served.layer)
    await asyncio.sleep(0)
    await served.works.aclose()
    served.works.all.clear()  # as a server that has just begun
    page = (await (await enter("zeynep")).get(f"/admin/tasks/{running.id}")).text
    assert "interrupted" in page
    assert "what was written until then stays" in page


async def test_work_whose_process_was_killed_is_interrupted_after_its_silence(layer, monkeypatch):
    lost, other = begun(), begun("verify", "")
    for each, silence in ((lost, works.LOST + 1), (other, 1)):
        each.alive -= silence
        await layer.set_preference("", f"work:{each.id}", msgspec.to_builtins(each))
    assert (await Works().find(lost.id, layer)).state == "interrupted"
    assert (await Works().find(other.id, layer)).state == "running"  # another process is at it


async def test_the_same_work_is_not_begun_twice(layer):
    running = Works()
    one = await running.begin(begun(), asyncio.Event().wait, lambda: NOW, layer)
    assert await running.begin(begun(), asyncio.Event().wait, lambda: NOW, layer) is one
    await running.aclose()


async def test_what_broke_is_told_to_who_began_it(layer):
    async def doing():
        raise OSError("the disk is full")

    running = Works()
    found = await running.begin(begun(), doing, lambda: NOW, layer)
    assert (await ended(running, layer, found.id)).failure == "OSError: the disk is full"
    assert (await Works().find(found.id, layer)).state == "failed"


async def test_the_report_of_a_comparison_is_read_after_a_restart_too(enter, served):
    async def doing():
        return Came({"differs": True}, b"<p>five decisions differ</p>")

    before = Works()
    found = await before.begin(begun("compare", "a .. b"), doing, lambda: NOW, served.layer)
    await ended(before, served.layer, found.id)
    browser = await enter("zeynep")
    page = (await browser.get(f"/admin/tasks/{found.id}")).text
    assert f"/admin/tasks/{found.id}/report" in page
    answer = await browser.get(f"/admin/tasks/{found.id}/report")
    assert answer.text == "<p>five decisions differ</p>"


async def test_the_newest_reports_are_kept(layer, monkeypatch):
    monkeypatch.setattr(works, "REPORTS", 2)
    before, ids = Works(), []
    for number in range(3):

        async def doing(number=number):
            return Came({"differs": False}, f"report {number}".encode())

        found = await before.begin(begun("compare", f"{number}"), doing, lambda: NOW, layer)
        await ended(before, layer, found.id)
        ids.append(found.id)
    assert [await Works().report(id, layer) for id in ids] == [None, b"report 1", b"report 2"]


async def test_nobody_knows_of_work_that_was_never_begun(layer):
    assert await Works().find("none", layer) is None


async def test_a_page_does_not_wait_for_a_long_past(enter, layer, monkeypatch):
    played = asyncio.Event()

    async def moments(workflow):
        await played.wait()
        return ()

    monkeypatch.setattr(label, "PATIENCE", 0.01)
    monkeypatch.setattr(layer, "moments", moments)
    browser = await enter("zeynep")
    assert "The past is being played" in (await browser.get("/evals/label?workflow=collections")).text
    played.set()
    assert "Nothing is left to ask" in (await browser.get("/evals/label?workflow=collections")).text
