import os

import pytest

from engine.source import Folder, Memory, Problem, read_yaml
from engine.source.folder import MAX_BYTES


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home" / "rules").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text("a: 1\n")
    return tmp_path / "home"


def code(home, file):
    found = Folder(home).read(file)
    return found.code if isinstance(found, Problem) else found


def test_a_file_below_the_home_is_read(home):
    (home / "a.yaml").write_text("a: 1\n")
    assert code(home, "a.yaml") == b"a: 1\n"
    assert read_yaml(home / "a.yaml", home).file == "a.yaml"


def test_a_link_inside_the_home_is_followed(home):
    (home / "a.yaml").write_text("a: 1\n")
    (home / "b.yaml").symlink_to("a.yaml")
    assert code(home, "b.yaml") == b"a: 1\n"


@pytest.mark.parametrize("target", ["../secret.yaml", "/etc/passwd", "../missing.yaml"])
def test_a_link_out_of_the_home_is_refused(home, target):
    (home / "a.yaml").symlink_to(target)
    assert code(home, "a.yaml") == "outside-home"


def test_a_folder_that_is_a_link_out_of_the_home_is_refused(home, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "ruleset.yaml").write_text("a: 1\n")
    (home / "rules" / "other").symlink_to(tmp_path / "other")
    assert Folder(home).glob("rules/*/ruleset.yaml") == ["rules/other/ruleset.yaml"]
    assert code(home, "rules/other/ruleset.yaml") == "outside-home"


def test_a_path_out_of_the_home_is_refused(home):
    assert code(home, "../secret.yaml") == "outside-home"


def test_links_in_a_circle_are_told(home):
    (home / "a.yaml").symlink_to("a.yaml")
    assert code(home, "a.yaml") == "unreadable-file"


def test_what_is_no_file_never_blocks(home):
    os.mkfifo(home / "a.yaml")
    assert code(home, "a.yaml") == "not-a-file"
    assert code(home, "rules") == "not-a-file"
    assert code(home, "b.yaml") == "missing-file"


def test_a_large_file_is_refused(home):
    (home / "a.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    assert code(home, "a.yaml") == "file-too-large"
    assert Memory({"a.yaml": b"#" * (MAX_BYTES + 1)}).read("a.yaml").code == "file-too-large"


def test_a_pattern_stays_within_one_folder():
    tree = Memory({"rules/a/ruleset.yaml": "", "rules/a/b/ruleset.yaml": "", "rules/ruleset.yaml": ""})
    assert tree.glob("rules/*/ruleset.yaml") == ["rules/a/ruleset.yaml"]
