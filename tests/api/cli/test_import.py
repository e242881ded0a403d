"""import dmn: tables of other tools, in a home."""

from pathlib import Path

import pytest

CASES = Path(__file__).parents[2] / "cases" / "tables" / "dmn"


def test_decisions_become_tables_of_a_sound_home(call, home):
    done = call("--json", "import", "dmn", str(CASES / "fine.dmn"), "--into", "rules/fines")
    assert done.code == 0
    assert done.json()["left_out"] == []
    assert done.json()["calls"]["Fine"] == "Fine(Ride.Kind, Excess(Ride.Actual_Speed, Ride.Speed_Limit), Ride)"
    assert {each.name for each in (home / "rules/fines/tables").iterdir()} == {
        "Excess.yaml",
        "Fine.yaml",
        "Should_the_driver_stop.yaml",
    }
    table = (home / "rules/fines/tables/Excess.yaml").read_text()
    assert table.startswith("# yaml-language-server: $schema=../../../config/schemas/table.json\n")
    assert "Nothing was left out." in (home / "rules/fines/imported.md").read_text()
    assert call("check").code == 0


def test_what_has_no_form_is_told_and_ends_in_1(call):
    done = call("import", "dmn", str(CASES / "boxes.dmn"))
    assert done.code == 1
    assert "not carried over: decision service total of" in done.out


def test_nothing_is_overwritten_unasked(call):
    file = str(CASES / "dish.dmn")
    assert call("import", "dmn", file).code == 0
    assert call("import", "dmn", file).code == 2
    assert call("import", "dmn", file, "--force").code == 0


@pytest.mark.parametrize("folder", ["../out", "rules/a/b", "rules/", "/etc"])
def test_only_a_folder_of_rules_is_written(call, folder):
    assert call("import", "dmn", str(CASES / "dish.dmn"), "--into", folder).code == 2


def test_what_is_no_dmn_is_wrong_usage(call, tmp_path):
    (tmp_path / "a.dmn").write_text("<a/>")
    refused = call("import", "dmn", str(tmp_path / "a.dmn"))
    assert refused.code == 2
    assert "no DMN file" in refused.err
