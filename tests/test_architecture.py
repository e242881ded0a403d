"""The house: imports go one way, files fit in a head, and nothing secret or foreign is committed."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from api.facade import Layer
from api.limited.view import BY_ITSELF, SHARED, Limited

ROOT = Path(__file__).parent.parent
PACKAGES = ("engine", "connectors", "approvals", "evals", "api")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def test_imports_go_one_way():
    linter = Path(sys.executable).with_name("lint-imports")
    linted = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_fits_in_a_head(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 350


def test_a_process_starts_without_building_grammars():
    """jsonschema reads forty grammars at its import where their package is installed: six seconds for each process."""
    script = "import sys, api.bootstrap; print(sorted({'lark', 'rfc3987_syntax'} & set(sys.modules)))"
    started = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert started.stdout.strip() == "[]"


def test_each_name_of_the_layer_is_limited_shared_or_not_for_requests():
    """A new name of the facade is refused until somebody says here whose it is."""
    known = {name for kind in Layer.__mro__ for name in (*vars(kind), *getattr(kind, "__annotations__", ()))}
    names = {each for each in known if not each.startswith("_")}
    own = {name for kind in Limited.__mro__ for name in vars(kind) if not name.startswith("_")}
    assert names == own | SHARED | BY_ITSELF
    assert not own & (SHARED | BY_ITSELF)
    assert not SHARED & BY_ITSELF
    for name in sorted(own):
        given = inspect.signature(getattr(Limited, name), eval_str=False)
        asked = inspect.signature(getattr(Layer, name), eval_str=False)
        assert [(each.name, each.kind, each.default) for each in given.parameters.values()] == [
            (each.name, each.kind, each.default) for each in asked.parameters.values()
        ], name


def test_no_place_is_left_unfinished():
    unfinished = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError\b")
    found = {
        f"{path.relative_to(ROOT)}"
        for path in SOURCES
        for line in path.read_text(encoding="utf-8").splitlines()
        if unfinished.search(line)
    }
    assert found == {"engine/feel/values.py"}, "only the base class of records is abstract"
