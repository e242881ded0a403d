"""The tables of docs/decision-tables.md are read as they stand there."""

import re
from pathlib import Path

from engine.source import convert, parse_yaml
from engine.tables import compile_table
from engine.tables.analyse import analyse
from engine.tables.csvform import read_csv
from engine.tables.structs import Table

PAGE = (Path(__file__).parents[3] / "docs" / "decision-tables.md").read_text(encoding="utf-8")


def block(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1].encode()


def test_both_forms_are_sound_and_decide_alike():
    written, problems = convert(parse_yaml(block("yaml"), "a.yaml"), Table)
    saved, _, faults = read_csv(block("csv"), "a.csv")
    assert not problems
    assert not faults
    for table in (written, saved):
        found = analyse(compile_table(table))
        assert not found.overlaps
    assert analyse(compile_table(written)).complete is True
    assert [each.name for each in written.inputs] == [each.name for each in saved.inputs]
