"""The journal is append-only, chained, anchored; and a person's part of it can be destroyed."""

import json
from decimal import Decimal

import pytest

from tests.engine.store.conftest import refused


def told(report):
    return [(each.code, each.place.line if each.place else 0) for each in report.problems]


async def test_a_page_is_what_follows_by_subject_and_kind_in_order(store, make):
    async with store.transaction() as tx:
        for number in range(1, 31):
            kind = ("note", "verdict", "receipt")[number % 3]
            await tx.append(make.entry(number, kind=kind, subjects=(f"customer:{number % 2}", "company:1")))

    async def numbers(after=0, **filters):
        return [each.seq for each in await store.entries(after, **filters)]

    assert await numbers(28) == [29, 30]
    assert await numbers(limit=2) == [1, 2]
    assert await numbers(subject="customer:0", limit=3) == [2, 4, 6]
    assert await numbers(kinds=("verdict", "receipt"), limit=4) == [1, 2, 4, 5]
    assert await numbers(10, kinds=("verdict", "receipt"), subject="customer:1", limit=3) == [11, 13, 17]
    assert await numbers(subject="customer:9") == []


@pytest.mark.parametrize("table", ["journal", "journal_subjects", "bodies"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET seq = seq + 1", "DELETE FROM {}"])
async def test_the_database_itself_refuses_to_change_what_was_entered(url, store, make, table, verb):
    await make.fill(store, 2, subjects=("customer:C1",))
    await refused(url, verb.format(table))
    assert (await store.verify()).problems == ()


async def test_a_sound_journal_verifies(store, make):
    await make.fill(store, 5, person="customer:C1", subjects=("customer:C1",))
    report = await store.verify()
    assert (report.entries, report.erased, report.problems) == (5, 0, ())


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE journal SET actor = 'nobody' WHERE seq = 3", ("journal-hash", 3)),
        ("UPDATE journal SET recorded_at = recorded_at + 1 WHERE seq = 3", ("journal-hash", 3)),
        ("UPDATE journal SET subjects = '[\"customer:C1\"]' WHERE seq = 3", ("journal-hash", 3)),
        ("UPDATE journal SET person = 'customer:C1' WHERE seq = 3", ("journal-hash", 3)),
        ("UPDATE bodies SET content = salt WHERE seq = 3", ("journal-body", 3)),
        ("UPDATE bodies SET content = salt WHERE seq = 2", ("journal-body", 2)),
        ("DELETE FROM bodies WHERE seq = 3", ("journal-body-missing", 3)),
        ("DELETE FROM bodies WHERE seq = 3; DELETE FROM journal WHERE seq = 3", ("journal-gap", 3)),
        ("DELETE FROM bodies WHERE seq = 5; DELETE FROM journal WHERE seq = 5", ("journal-head", 4)),
        ("UPDATE heads SET seq = 4", ("journal-head", 5)),
    ],
)
async def test_tampering_is_found_at_its_first_entry(store, make, raw, change, found):
    await make.fill(store, 5)
    await raw(*change.split("; "))
    assert told(await store.verify())[0] == found


async def test_an_encrypted_body_cannot_be_altered_or_moved(store, make, raw):
    await make.fill(store, 3, person="customer:C1")
    await raw("UPDATE bodies SET content = (SELECT b.content FROM bodies b WHERE b.seq = 1) WHERE seq = 2")
    assert told(await store.verify()) == [("journal-body", 2)]


async def test_the_index_of_subjects_must_agree_with_the_entries(store, make, raw):
    await make.fill(store, 3, subjects=("customer:C1",))
    await raw("DELETE FROM journal_subjects WHERE seq = 2")
    assert told(await store.verify()) == [("journal-index", 0)]


async def test_a_body_keeps_decimals_and_dates(store, make):
    body = {"amount": Decimal("1.50"), "on": make.START.date(), "nested": [{"number": "a word"}, None]}
    async with store.transaction() as tx:
        await tx.append(make.entry(body=body))
    assert [each.body for each in await store.entries()] == [body]


# --- anchors -----------------------------------------------------------------------------------------------------


async def test_the_head_is_anchored_every_n_entries_and_on_close(url, opener, make, tmp_path):
    path = tmp_path / "anchors" / "head.log"
    store = await opener(url, anchor=path, anchor_every=10)
    for _ in range(25):
        await make.fill(store, 1)
    await store.aclose()
    assert [json.loads(line)["seq"] for line in path.read_text().splitlines()] == [0, 10, 20, 25]


async def test_an_anchor_file_that_is_gone_is_reported(store, make, tmp_path):
    await make.fill(store, 1)
    (tmp_path / "anchor.log").unlink()
    assert [each.code for each in (await store.verify()).problems] == ["anchor-unreadable"]


async def test_an_anchor_file_that_was_begun_anew_says_from_where_on_it_tells(url, opener, make, tmp_path):
    store = await opener(url)
    await make.fill(store, 3)
    assert (await store.verify()).anchored_from == 0
    (tmp_path / "anchor.log").unlink()
    again = await opener(url)
    found = await again.verify()
    assert (found.problems, found.anchors, found.anchored_from) == ((), 1, 3)


async def test_a_consistent_rewriting_is_found_by_the_anchors(url, opener, make, raw, tmp_path):
    path = tmp_path / "true.log"
    store = await opener(url, anchor=path, anchor_every=10)
    for number in range(1, 41):
        async with store.transaction() as tx:
            await tx.append(make.entry(number))
    await raw("DELETE FROM bodies WHERE seq > 24", "DELETE FROM journal WHERE seq > 24")
    await raw("UPDATE heads SET seq = 24, hash = (SELECT hash FROM journal WHERE seq = 24)")
    forger = await opener(url, anchor=None)
    for number in range(25, 41):
        async with forger.transaction() as tx:
            await tx.append(make.entry(number, body={"number": number, "approved": True}))
    assert (await forger.verify()).problems == ()
    (found,) = (await store.verify(path)).problems
    assert found.code == "journal-rewritten"
    assert "an entry between 21 and 30" in found.message


async def test_a_cut_journal_is_found_by_the_anchors(url, opener, make, raw, tmp_path):
    path = tmp_path / "true.log"
    store = await opener(url, anchor=path, anchor_every=5)
    for _ in range(12):
        await make.fill(store, 1)
    await raw("DELETE FROM bodies WHERE seq > 7", "DELETE FROM journal WHERE seq > 7")
    await raw("UPDATE heads SET seq = 7, hash = (SELECT hash FROM journal WHERE seq = 7)")
    (found,) = (await store.verify()).problems
    assert found.code == "journal-truncated"
    assert "ends with entry 7" in found.message


async def test_an_anchor_line_cut_off_by_a_crash_is_passed_over(url, opener, make, tmp_path):
    path = tmp_path / "head.log"
    store = await opener(url, anchor=path, anchor_every=1)
    await make.fill(store, 1)
    path.write_bytes(path.read_bytes() + b'{"time":"2026-01')
    await make.fill(store, 1)
    report = await store.verify()
    assert (report.problems, report.anchors) == ((), 3)  # the next line took its place
    path.write_bytes(path.read_bytes() + b"somebody wrote this\n")
    await make.fill(store, 1)
    report = await store.verify()
    assert ([each.code for each in report.problems], report.anchors) == (["anchor-line"], 4)


async def test_an_anchor_that_cannot_be_written_is_reported_and_stops_nothing(url, opener, make, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    store = await opener(url, anchor=blocked / "head.log", anchor_every=1)
    await make.fill(store, 2)
    assert [each.code for each in store.problems()] == ["anchor-unwritable"]
    assert len(await store.entries()) == 2
