"""The page of environment variables is what the code reads and the files name."""

import ast
import os
from pathlib import Path

from tests.docs.environment import READ, environment_page

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/environment.md"
OURS = ("api", "approvals", "connectors", "engine", "evals")


def test_the_page_is_current():
    expected = environment_page()
    if os.environ.get("OPSLAYER_ACCEPT_REPORTS"):
        PAGE.write_text(expected, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == expected, "run this test with OPSLAYER_ACCEPT_REPORTS=1"


def names(tree):
    """Every text that stands where the environment is read, or as a click option's variable."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            asked = ast.unparse(node.func)
            if asked in ("os.environ.get", "os.getenv") and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value
            yield from (each.value.value for each in node.keywords if each.arg == "envvar")
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            yield ast.unparse(node.slice).strip("'")


def test_every_variable_that_the_code_reads_is_told():
    read = {
        name
        for folder in OURS
        for path in (ROOT / folder).rglob("*.py")
        if "demo" not in path.parts
        for name in names(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert read <= set(READ)
    assert len(read) >= 4
