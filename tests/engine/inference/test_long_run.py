"""Replay on 100,000 events: other hash seeds, killed in the middle, and one input altered."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
EVENTS = 100_000
NEVER = -1


def begun(folder: Path, seed: str, number: int = EVENTS, altered: int = NEVER) -> subprocess.Popen[bytes]:
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.engine.inference.long_run", str(folder), str(number), str(altered)]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=ROOT, env=environment)


def finished(process: subprocess.Popen[bytes]) -> None:
    assert process.wait() == 0


@pytest.mark.slow
def test_100_000_events_decide_the_same_bytes_elsewhere_and_after_a_kill_and_others_when_one_is_altered(
    tmp_path: Path,
) -> None:
    whole, broken, altered = tmp_path / "whole", tmp_path / "broken", tmp_path / "altered"
    undisturbed, killed = begun(whole, "1"), begun(broken, "4242")
    while not (broken / "snapshot").exists():
        assert killed.poll() is None
        time.sleep(0.05)
    time.sleep(1)
    killed.kill()
    assert killed.wait() != 0
    again, other = begun(broken, "77"), begun(altered, "1", EVENTS // 5, altered=EVENTS // 10)
    for each in (undisturbed, again, other):
        finished(each)
    decisions = (whole / "decisions").read_bytes()
    assert decisions.count(b"\n") > EVENTS // 20
    assert (broken / "decisions").read_bytes() == decisions
    assert (broken / "snapshot").read_bytes() == (whole / "snapshot").read_bytes()
    assert not decisions.startswith((altered / "decisions").read_bytes())
