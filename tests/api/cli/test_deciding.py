from pathlib import Path

from tests.api.double import broken_yaml


def test_a_person_approves_edits_and_rejects(call, doubled):
    assert call("actions", "approve", "act-0001", "--as", "ayse").code == 0
    last = doubled.store["act-0001"].history[-1]
    assert (last.by, last.state) == ("ayse", "approved")
    done = call("--json", "actions", "edit", "act-0002", "--set", "subject=Hello = you", "--as", "mehmet")
    assert (done.code, done.json()["version"], done.json()["payload"]["subject"]) == (0, 2, "Hello = you")
    assert call("actions", "reject", "act-0002", "--reason", "paid").code == 0
    assert doubled.store["act-0002"].history[-1].by == "local"


def test_what_does_not_count_is_told_and_exits_1(call, doubled):
    assert call("actions", "approve", "act-0001", "--digest", "0" * 64).code == 1
    assert doubled.store["act-0001"].state == "pending"
    call("actions", "approve", "act-0001", "--as", "ayse")
    again = call("actions", "approve", "act-0001", "--as", "mehmet")
    assert again.code == 1
    assert "Already decided by ayse" in again.out
    refused = call("--json", "actions", "edit", "act-0002", "--set", "to=evil@example.org")
    assert (refused.code, refused.json()["refused"]) == (1, "NotEditable")


def test_wrong_usage_exits_2(call, doubled):
    assert call("actions", "approve", "none").code == 2
    assert call("actions", "approve", "act-0001", "--as", "nobody").code == 2
    assert call("actions", "reject", "act-0001").code == 2
    assert call("actions", "edit", "act-0001", "--set", "subject").code == 2


def test_a_journal_that_does_not_match_exits_1(call, doubled):
    doubled.faults = (broken_yaml(),)
    done = call("verify")
    assert done.code == 1
    assert "does not match" in done.out


def test_what_nobody_expected_is_one_line_and_a_file(call, doubled):
    async def broken(source=""):
        raise RuntimeError("the inside")

    doubled.sync = broken
    done = call("sync")
    assert done.code == 3
    assert "Traceback" not in done.err
    assert len(done.err.strip().splitlines()) == 1
    log = Path(done.err.rpartition("details in ")[2].strip().rstrip(")"))
    assert "the inside" in log.read_text()
