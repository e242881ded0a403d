from pathlib import Path

import pytest

RULES = "rules/reminders/ruleset.yaml"


@pytest.fixture
def file(tmp_path):
    return str(tmp_path / "spring.tar")


def test_from_the_files_to_being_in_force_and_back(call, home, file):
    assert call("sync").code == 0
    path = home / RULES
    first = path.read_text()
    path.write_text(first.replace("P7D", "P9000D"))
    (home / "rules/reminders/examples.yaml").unlink()
    assert call("bundle", "build", "-o", file).code == 0
    path.write_text(first)
    assert "examples hold" in call("bundle", "verify", file).out
    rows = call("--json", "bundle", "preview", file).json()
    assert [(each["rule"], each["withdrawn"]) for each in rows] == [("reminders/late", 2)]
    assert call("bundle", "activate", file).code == 0
    assert {each["state"] for each in call("--json", "actions").json()} == {"withdrawn"}
    listed = call("--json", "bundle", "list").json()
    assert [each["active"] for each in listed].count(True) == 1
    assert call("bundle", "rollback").code == 0
    assert call("bundle", "activate", listed[0]["id"]).code == 0
    assert call("bundle", "activate", "nothing").code == 2


def test_a_broken_file_is_1_and_names_what_is_wrong(call, home, file):
    assert call("bundle", "build", "-o", file).code == 0
    with Path(file).open("ab") as stream:
        stream.write(b"\0" * 512)
    done = call("--json", "bundle", "verify", file)
    assert (done.code, done.json()["problems"][0]["type"]) == (1, "urn:opslayer:problem:broken-bundle")
    assert call("bundle", "activate", file).code == 1


def test_no_bundle_is_built_of_faults_or_of_no_revision(call, home, file):
    assert call("bundle", "build", "--rev", "main", "-o", file).code == 3
    path = home / RULES
    path.write_text(path.read_text().replace("oldest_due !=", "oldest_dew !="))
    assert call("bundle", "build", "-o", file).code == 1
