"""What README.md and docs/ show can be typed: commands are those of the command line, YAML is sound.

Two conventions: an indented line that starts with `opslayer` is a command, up to two spaces or a #; ```yaml title=PATH is a file that is put
under this path into a copy of the example company, whose check must then find no fault; sources are added to its own.
"""

import re
import shlex
from pathlib import Path

import click
import pytest

from api.checks import check_home
from api.cli.root import opslayer
from api.cli.shell import GOOD, run
from api.shipped import copy_home
from engine.source.parsing import parse_yaml

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMAND = re.compile(r"^ {4,}(opslayer .+)$", re.MULTILINE)
YAML = re.compile(r"^```yaml(?: title=(\S+))?\n(.*?)^```", re.MULTILINE | re.DOTALL)
RUN = {"feel", "check", "test", "schema"}
"""Commands that need neither data of one's own nor a server."""


def commands():
    for page in PAGES:
        for line in COMMAND.findall(page.read_text(encoding="utf-8")):
            yield pytest.param(shlex.split(re.split(r"\s{2,}", line)[0], comments=True)[1:], id=f"{page.name}: {line}")


def blocks(*, titled):
    for page in PAGES:
        for title, text in YAML.findall(page.read_text(encoding="utf-8")):
            if bool(title) is titled:
                yield pytest.param(title, text, id=f"{page.name}: {title or text.split(chr(10))[0]}")


@pytest.mark.parametrize("arguments", [*commands()])
def test_every_command_shown_exists_with_its_options(arguments, tmp_path):
    command, context = opslayer, None
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        for path in ("acme", "examples/csv-ledger"):
            (tmp_path / path).mkdir(parents=True)
        for path in arguments:
            (tmp_path / path.rpartition("=")[2]).touch() if path.endswith((".tar", ".csv", ".dmn", ".key")) else None
        if "restore" in arguments:
            (tmp_path / "acme-2026-01-05.opslayer").touch()
        while isinstance(command, click.Group):
            context = command.make_context(command.name, list(arguments), parent=context, resilient_parsing=False)
            arguments = [*context._protected_args, *context.args]
            name, command, arguments = command.resolve_command(context, arguments)
        assert command.make_context(name, list(arguments), parent=context).command is command


@pytest.mark.parametrize("arguments", [each for each in commands() if each.values[0][0] in RUN])
def test_what_needs_nothing_of_ones_own_runs(arguments, tmp_path, capsys):
    copy_home(tmp_path)
    assert run(opslayer, ["--home", str(tmp_path), *arguments]) == GOOD
    assert capsys.readouterr().out


@pytest.mark.parametrize(("title", "text"), [*blocks(titled=False), *blocks(titled=True)])
def test_yaml_shown_is_yaml(title, text):
    assert not parse_yaml(text, title or "example.yaml").problems


@pytest.mark.parametrize(("title", "text"), [*blocks(titled=True)])
def test_a_file_shown_fits_the_example_company(title, text, tmp_path):
    copy_home(tmp_path)
    (tmp_path / title).parent.mkdir(parents=True, exist_ok=True)
    if title == "config/sources.yaml":
        text = (tmp_path / title).read_text(encoding="utf-8").rstrip() + "\n" + text.partition("sources:\n")[2]
    (tmp_path / title).write_text(text, encoding="utf-8")
    assert check_home(tmp_path).problems == ()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
