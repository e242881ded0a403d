import subprocess
import sys

import click
import pytest

from api.cli.root import COMMANDS, opslayer
from api.starter import write_home


def every(command, path):
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from every(command.get_command(context, name), [*path, name])


@pytest.mark.parametrize(
    ("path", "command"), [(" ".join(path), command) for path, command in every(opslayer, ["opslayer"])]
)
def test_every_command_has_help_with_an_example(path, command):
    assert "Example: opslayer" in command.help
    assert len(command.help.partition("\n")[0]) > 10


def test_every_command_of_the_contract_exists():
    contract = "init check test serve sync replay explain timeline show actions quarantine kill verify feel schema demo migrate-db"
    assert set(contract.split()) <= COMMANDS.keys()


def test_help_imports_nothing_heavy():
    code = "import sys; from api.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\nprint(sorted(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    modules = shown.splitlines()[-1]
    for heavy in ("sqlalchemy", "litestar", "rich", "httpx", "engine.inference", "engine.feel", "api.facade"):
        assert f"'{heavy}'" not in modules


def test_to_check_loads_no_database_and_no_client(tmp_path):
    write_home(tmp_path / "home")
    code = f"""
import sys
from api.cli import main
try: main(['--home', {str(tmp_path / "home")!r}, 'check'])
except SystemExit as end: assert end.code == 0
print(sorted(sys.modules))
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for heavy in ("sqlalchemy", "litestar", "rich", "httpx", "jsonschema", "cryptography", "jinja2"):
        assert f"'{heavy}'" not in shown.splitlines()[-1]
