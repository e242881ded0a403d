"""What cannot be laid down in a repository: large files, links, pipes. Each is told, and everything else is still read."""

import os
import shutil
from pathlib import Path

import pytest

from engine.rules import load_home

GOOD = Path(__file__).parents[2] / "cases" / "config" / "good"
RULESET, PEOPLE = "rules/collections/ruleset.yaml", "config/people.yaml"


@pytest.fixture
def home(tmp_path):
    shutil.copytree(GOOD, tmp_path / "home")
    return tmp_path / "home"


def replaced(home, file):
    (home / file).unlink()
    return home / file


def told(home):
    """Return what is wrong with the two files themselves, not what follows from it in others."""
    found = (each for each in load_home(home).problems if each.place.file in (RULESET, PEOPLE))
    return [str(each) for each in found if not each.code.startswith("unknown-")]


def test_ten_megabytes_are_not_read(home):
    with replaced(home, RULESET).open("w") as file:
        file.write("format: 1\nrules:\n")
        file.writelines(f"  - {{id: r{number}, for: customer, when: true}}\n" for number in range(250_000))
    (problem,) = told(home)
    assert problem.splitlines() == [
        "rules/collections/ruleset.yaml: this file has 11,138,907 bytes; at most 1,000,000 are read",
        "  split it into several files; data belongs into a source system, not into the configuration",
    ]


def test_a_link_out_of_the_home_is_not_followed(home, tmp_path):
    (tmp_path / "secret.yaml").write_text("format: 1\npeople: []\n")
    replaced(home, PEOPLE).symlink_to(tmp_path / "secret.yaml")
    assert told(home)[0] == (
        "config/people.yaml: this file is outside the home folder\n"
        "  put the file itself into the home folder instead of a link or a path with `..`"
    )


def test_links_in_a_circle_end(home):
    replaced(home, PEOPLE).symlink_to("people.yaml")
    assert told(home)[0].startswith("config/people.yaml: ")


def test_a_pipe_does_not_block(home):
    os.mkfifo(replaced(home, PEOPLE))
    assert told(home) == ["config/people.yaml: this is no ordinary file"]


def test_all_of_them_at_once_are_told_at_once(home, tmp_path):
    replaced(home, PEOPLE).symlink_to(tmp_path)
    replaced(home, RULESET).write_bytes(b"\xef\xbb\xbfformat: 1\n")
    (home / "config" / "sources.yaml").write_bytes(b"format: 1\r\n<<<<<<< HEAD\r\n")
    found = {(each.code, each.place.file) for each in load_home(home).problems}
    assert found >= {
        ("outside-home", PEOPLE), ("byte-order-mark", RULESET), ("merge-conflict", "config/sources.yaml"),
    }  # fmt: skip
