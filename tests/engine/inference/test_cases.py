"""The cases of tests/cases/engine, a home folder whose examples an analyst can read."""

from pathlib import Path

import pytest

from engine.inference.rulebook import Rulebook
from engine.rules import load_home
from engine.rules.examples import Example
from evals.examples import check

HOME = load_home(Path(__file__).parents[2] / "cases" / "engine")
CASES = [(workflow, example) for workflow, each in sorted(HOME.examples.items()) for example in each.examples]


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return Rulebook.of(HOME.sound())


@pytest.mark.parametrize(("workflow", "example"), CASES, ids=[example.name for _, example in CASES])
def test_case(rulebook: Rulebook, workflow: str, example: Example) -> None:
    assert check(HOME, rulebook, workflow, example).differences == ()
