"""Each pack has a page, whose settings are sound and whose tables follow from the manifest."""

import os
import re
from pathlib import Path

import pytest

from api.checks import check_sources
from connectors.packpages import BEGIN, page
from engine.rules import load_home
from engine.source.folder import Memory
from tests.connectors.packs import PACKS

FOLDER = Path(__file__).parents[2] / "docs" / "packs"
YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_every_pack_has_a_page_and_every_page_a_pack():
    assert {file.stem for file in FOLDER.glob("*.md")} == set(PACKS)


@pytest.mark.parametrize("name", sorted(PACKS))
def test_the_tables_of_a_page_follow_from_the_manifest(name):
    file = FOLDER / f"{name}.md"
    text = file.read_text(encoding="utf-8")
    made = page(PACKS[name], text)
    if os.environ.get("OPSLAYER_ACCEPT_REPORTS"):
        file.write_text(made, encoding="utf-8")
    assert text == made, "run this test once with OPSLAYER_ACCEPT_REPORTS=1"


@pytest.mark.parametrize("name", sorted(PACKS))
def test_the_settings_shown_are_sound(name):
    (sources,) = YAML.findall((FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    source = re.findall(r"^  (\S+):$", sources, re.MULTILINE)[0]
    home = load_home(
        Memory(
            {
                "config/app.yaml": "format: 1\ncompany: Acme\ntimezone: Europe/Istanbul\n",
                "config/model.yaml": "format: 1\nextends: base\nentities: {}\n",
                f"config/manifests/{name}.yaml": PACKS[name].manifest,
                "config/sources.yaml": sources,
                f"mappings/{source}.yaml": re.sub(r"(?m)^source: .*$", f"source: {source}", PACKS[name].mapping),
            }
        )
    )
    assert [str(each) for each in (*home.problems, *check_sources(home))] == []


@pytest.mark.parametrize("name", sorted(PACKS))
def test_whoever_sets_a_pack_up_is_told_of_every_variable_that_it_cannot_do_without(name):
    by_hand, _, tables = (FOLDER / f"{name}.md").read_text(encoding="utf-8").partition(BEGIN)
    needed = re.findall(r"^\| `([A-Z0-9_]+)` \|.*\| the (?:source|webhook) is ", tables, re.MULTILINE)
    assert [each for each in needed if each not in by_hand] == []
