"""What is installed from a wheel holds all that a checkout does for its users, the example company included."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [Path(sys.executable).with_name("hatchling"), "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def opslayer(installed, *arguments):
    script = "import sys; sys.path.insert(0, sys.argv.pop(1)); from api.cli import main; main()"
    ran = subprocess.run(
        [sys.executable, "-P", "-c", script, installed, *arguments],
        capture_output=True, text=True, cwd=installed, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout + ran.stderr


def test_the_example_company_is_in_the_wheel_and_sound(installed):
    code, said = opslayer(installed, "--home", str(installed / "api/example"), "check")
    assert code == 0, said
    assert "no fault" in said
    code, said = opslayer(installed, "--home", str(installed / "api/example"), "eval", "collections")
    assert code == 0, said


def test_a_home_is_made_from_the_wheel(installed, tmp_path):
    code, said = opslayer(installed, "init", str(tmp_path / "home"))
    assert code == 0, said
    code, said = opslayer(installed, "--home", str(tmp_path / "home"), "test")
    assert code == 0, said


def test_nothing_of_tests_or_benches_is_in_the_wheel(installed):
    assert {each.name for each in installed.iterdir() if not each.name.endswith(".dist-info")} == {
        "engine", "connectors", "approvals", "evals", "api",
    }  # fmt: skip
