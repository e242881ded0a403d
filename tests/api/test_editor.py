"""The shipped schemas in a real editor's server: npm's yaml-language-server, which VS Code and JetBrains users run."""

import os
import shutil
from pathlib import Path

import pytest

from api.starter import write_home
from engine.rules.reference import schema_files
from tests.api.languageserver import LanguageServer

NAME = "yaml-language-server"
ROOT = Path(__file__).parents[2]


def command() -> list[str]:
    local = ROOT / "var" / "node_modules" / ".bin" / NAME
    found = os.environ.get("OPSLAYER_YAML_LANGUAGE_SERVER") or shutil.which(NAME) or (local.is_file() and str(local))
    if not (found and shutil.which("node")):
        reason = f"{NAME} is not there: npm install --prefix var {NAME}"
        if NAME in os.environ.get("OPSLAYER_REQUIRE", "").split(","):
            pytest.fail(reason)
        pytest.skip(reason)
    return [found, "--stdio"]


@pytest.fixture
def server(tmp_path):
    started = command()
    write_home(tmp_path)
    for file, text in schema_files().items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text, encoding="utf-8")
    server = LanguageServer(started, tmp_path)
    yield server
    server.close()


def shown(server, home, file, old="", new=""):
    text = (home / file).read_text("utf-8")
    assert old in text
    return server.open(home / file, text.replace(old, new, 1))


@pytest.mark.parametrize(
    "file",
    ["config/app.yaml", "config/model.yaml", "config/sources.yaml", "config/people.yaml", "config/autonomy.yaml",
     "config/models.yaml", "mappings/ledger.yaml", "rules/reminders/ruleset.yaml", "rules/reminders/examples.yaml"],
)  # fmt: skip
def test_a_sound_file_has_no_diagnostics(server, tmp_path, file):
    assert server.diagnostics(shown(server, tmp_path, file)) == []


def test_an_unknown_key_is_underlined(server, tmp_path):
    uri = shown(server, tmp_path, "rules/reminders/ruleset.yaml", "because:", "becuase:")
    found = server.diagnostics(uri)
    assert any("becuase" in each["message"] for each in found)


def test_a_missing_key_and_a_wrong_value_are_underlined(server, tmp_path):
    uri = shown(server, tmp_path, "config/autonomy.yaml", "approval: always", "approval: perhaps")
    assert any('"always"' in each["message"] for each in server.diagnostics(uri))
    uri = shown(server, tmp_path, "config/app.yaml", "company: Acme\n", "")
    assert any("company" in each["message"] for each in server.diagnostics(uri))


def test_keys_are_completed(server, tmp_path):
    text = (tmp_path / "rules/reminders/ruleset.yaml").read_text("utf-8")
    text = text.rstrip("\n") + "\n    \n"
    uri = server.open(tmp_path / "rules/reminders/ruleset.yaml", text)
    line = text.count("\n") - 1
    assert {"instead_of", "priority", "owner", "was"} <= set(server.complete(uri, line, 4))
