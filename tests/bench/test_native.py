"""The compiled wheel is the same engine: it decides what the naive one decides."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from bench.native import HOME, build

TESTS = (
    "engine/inference/test_differential.py", "engine/inference/test_cases.py", "engine/inference/test_actions.py",
    "evals/diff/test_behaviour.py",
)  # fmt: skip


@pytest.mark.slow
def test_the_compiled_engine_decides_as_the_interpreted_one(tmp_path):
    if shutil.which("gcc") is None or not Path(sysconfig.get_paths()["include"], "Python.h").exists():
        pytest.skip("there is no C compiler with Python's headers")
    assert build(tmp_path / "dist", optimised=0) == 0
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    assert sysconfig.get_config_var("SOABI").split("-")[1] in wheel.name
    installed = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(installed), str(wheel)]
    subprocess.run(pip, check=True)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(installed), str(HOME))), "OPSLAYER_CASES": "50"}
    where = "import engine.inference.settle as module; print(module.__file__)"
    found = subprocess.run(
        [sys.executable, "-P", "-c", where], env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip().startswith(str(installed))
    assert found.stdout.strip().endswith(sysconfig.get_config_var("EXT_SUFFIX"))
    tests = [str(HOME / "tests" / name) for name in TESTS]
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not generator", *tests]
    done = subprocess.run(command, cwd=HOME, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
