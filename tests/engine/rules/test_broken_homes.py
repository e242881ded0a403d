"""Each folder of tests/cases/config/broken lays its files over the good home; the report beside it is what people see."""

import os
from pathlib import Path

import pytest

from engine.rules import load_home
from engine.source import Folder, Memory

CASES = Path(__file__).parents[2] / "cases" / "config"
GOOD = CASES / "good"
RULESET, EXAMPLES = "rules/collections/ruleset.yaml", "rules/collections/examples.yaml"
BROKEN = sorted(path for path in (CASES / "broken").iterdir() if path.is_dir())


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_good_home_has_no_problems():
    home = load_home(GOOD)
    assert home.problems == ()
    assert home.warnings == ()


@pytest.mark.parametrize("case", BROKEN, ids=lambda path: path.name)
def test_a_broken_home_is_reported_as_expected(case):
    laid_over = files(case)
    good = files(GOOD)
    if RULESET in laid_over:
        del good[EXAMPLES]  # they show the rules that are replaced
    home = load_home(Memory(good | laid_over))
    report = "\n".join(f"[{problem.code}] {problem}" for problem in home.problems) + "\n"
    expected = case.with_name(f"{case.name}.expected.txt")
    if os.environ.get("OPSLAYER_ACCEPT_REPORTS"):
        expected.write_text(report, encoding="utf-8")
    assert report == expected.read_text(encoding="utf-8")
    assert home.problems, "a broken home must have problems"


def test_memory_and_folder_read_the_same(tmp_path):
    assert load_home(Memory(files(GOOD))).revision == load_home(Folder(GOOD)).revision
