import os
from pathlib import Path

import pytest

from engine.rules.reference import modeline, schema_files

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("file", sorted(schema_files()))
def test_the_shipped_schemas_are_current(file):
    expected = schema_files()[file]
    if os.environ.get("OPSLAYER_ACCEPT_REPORTS"):
        (ROOT / file).write_text(expected, encoding="utf-8")
    assert (ROOT / file).read_text(encoding="utf-8") == expected, "run `opslayer schema --write`"


@pytest.mark.parametrize("home", [ROOT, ROOT / "api" / "starter" / "home"])
def test_every_shipped_file_names_its_schema_first(home):
    files = [*home.glob("config/*.yaml"), *home.glob("mappings/*.yaml"), *home.glob("rules/*/*.yaml")]
    assert files
    for file in files:
        expected = modeline(file.relative_to(home).as_posix())
        assert file.read_text(encoding="utf-8").startswith(expected), file


def test_init_brings_the_schemas_along_and_schema_writes_them_again(call, tmp_path):
    assert call("init", str(tmp_path / "new")).code == 0
    written = {path.relative_to(tmp_path / "new").as_posix() for path in (tmp_path / "new").rglob("*.json")}
    assert written == set(schema_files())
    done = call("--json", "schema", "--write")
    assert done.json() == sorted(schema_files())
