"""A short run of the fuzzer; `python bench/feel/fuzz.py` is the long one."""

import runpy
from pathlib import Path

import pytest

FUZZ = runpy.run_path(str(Path(__file__).parents[3] / "bench" / "feel" / "fuzz.py"))


@pytest.mark.parametrize("seed", [1, 2])
def test_random_text_has_a_value_or_is_no_expression(seed):
    report = FUZZ["run"](1500, seed)
    assert report["internal"] == []
    assert "round trip lost" not in report["counts"]
    assert report["counts"]["value"] > 100
    assert report["counts"]["syntax error"] > 100
