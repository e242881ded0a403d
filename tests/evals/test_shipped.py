"""The shipped cases run: none breaks, and those that may never fail pass."""

from pathlib import Path

from engine.rules.loading import load_home
from evals.labelled.reading import cases_of
from evals.scored.running import Runner

ROOT = Path(__file__).parents[2]


def test_the_shipped_cases_that_are_pinned_pass():
    home = load_home(ROOT)
    pinned = tuple(each for each in cases_of(ROOT, home, "collections") if each.pinned)
    assert pinned
    found = Runner(home, "collections").run(pinned)
    assert [(each.id, each.error, each.faults) for each in found if not each.passed] == []
