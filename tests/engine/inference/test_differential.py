"""Generated models, rules and histories through the engine and through the naive one, which computes all anew.

`OPSLAYER_CASES=5000 pytest tests/engine/inference/test_differential.py` looks at more of them.
"""

import os
from collections import Counter
from math import sqrt

import pytest

from tests.engine.inference.differential import Case

CASES = int(os.environ.get("OPSLAYER_CASES", "200"))
BATCH = 25
QUOTAS = {
    "propose": 2.0, "withdraw": 0.3, "expire": 0.3, "at midnight": 0.6, "time flips": 0.15, "deletes": 1.0, "nulls": 3.0,
    "merges": 0.3, "splits": 0.1, "ask": 0.01, "bundle changes": 0.3, "rules patched": 0.15, "rules changed in place": 0.15, "restores": 0.3, "holds null": 20.0, "holds unresolved": 30.0,
    "holds faulty": 0.3, "unresolved facts": 10.0, "action sent": 0.3, "action rejected": 0.1, "action expired": 0.1,
    "action scheduled": 0.05, "watermarks": 0.8, "holds for a source": 3.0, "waited for a source": 0.08, "grouped": 0.3,
    "holds for a rate": 3.0, "holds for silence": 0.8, "made true by the clock": 0.3,
}  # fmt: skip
"""What has to be met, for each case."""


def fewest(expected: float) -> float:
    """Two standard deviations below: where processes share the cases, each has met but some of them."""
    return expected - 2 * sqrt(expected)


@pytest.fixture(scope="module")
def met() -> Counter[str]:
    return Counter()


@pytest.mark.parametrize("first", range(0, CASES, BATCH))
def test_the_engine_decides_what_computing_everything_anew_decides(first: int, met: Counter[str]) -> None:
    for seed in range(first, min(first + BATCH, CASES)):
        case = Case(seed)
        try:
            met += case.run()
        except AssertionError as difference:
            pytest.fail(f"seed {seed}: {difference}\n" + "\n".join(case.log[-5:]))


def test_the_generator_meets_everything_that_matters(met: Counter[str]) -> None:
    if not met:
        pytest.skip("no case was run before")
    short = {name: met[name] for name, least in QUOTAS.items() if met[name] < fewest(least * met["cases"])}
    assert not short
