"""The same inputs give the same bytes in a new process with another hash seed; one input altered gives others."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.canonical import canonical_json
from engine.inference.session import Session
from tests.engine.inference.differential import Case

ROOT = Path(__file__).parents[3]
SEEDS = (3, 7, 21, 40)


class Recorder(Case):
    """Runs the engine alone and keeps the bytes of what it decides."""

    def __init__(self, seed: int, *, altered: int = -1, restoring: bool = False) -> None:
        super().__init__(seed)
        self.bytes = hashlib.sha256()
        self.altered = altered
        self.restoring = restoring
        self.taken = 0

    def compare(self, made, expected) -> None:  # type: ignore[no-untyped-def]
        super().compare(made, expected)
        for each in made:
            self.bytes.update(canonical_json(each))

    def apply(self, event, *, first_load=False) -> None:  # type: ignore[no-untyped-def]
        if self.taken == self.altered:
            event = self.maker.change(self.now)
        self.taken += 1
        super().apply(event, first_load=first_load)
        if self.restoring:
            self.session = Session.restore(self.session.rulebook, self.clock, self.session.snapshot())

    def result(self) -> str:
        self.run()
        return f"{self.bytes.hexdigest()} {hashlib.sha256(self.session.snapshot()).hexdigest()}"


def results() -> str:
    return "\n".join(Recorder(seed).result() for seed in SEEDS)


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_a_new_process_with_another_hash_seed_decides_the_same_bytes(hash_seed: str) -> None:
    command = [sys.executable, "-c", "from tests.engine.inference.test_determinism import results; print(results())"]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == results()


def test_one_input_altered_gives_other_bytes() -> None:
    assert Recorder(SEEDS[0]).result() != Recorder(SEEDS[0], altered=2).result()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_session_restored_after_every_input_decides_the_same_bytes(seed: int) -> None:
    assert Recorder(seed, restoring=True).result() == Recorder(seed).result()
