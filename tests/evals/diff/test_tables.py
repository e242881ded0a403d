"""A changed decision table is a changed rule: in words, in what is run again, in decisions."""

import pytest

from engine.inference.rulebook import Rulebook
from evals.diff import behaviour
from evals.diff.behaviour import compare
from evals.diff.semantic import changes
from evals.diff.slicing import Slices, affected
from tests.evals.diff.test_behaviour import counts, history

__all__ = ["history"]

RULES, TABLE, STEP = (
    "rules/reminders/ruleset.yaml",
    "rules/reminders/tables/patience.yaml",
    "rules/reminders/tables/step.csv",
)
PATIENCE = """format: 1
name: patience
for: customer
inputs:
  - {expression: name, label: who}
outputs:
  - {name: days}
rows:
  - when: ['"C1"']
    then: [step(7)]
    note: an old friend
  - when: ['not("C1")']
    then: ["7"]
"""
STEPS = "FIRST,in: days,out: more\n,> 5,days\n,-,0\n"
LET = (RULES, "    when: ", "    let:\n      days: patience(name)\n    when: ")
CALL = (RULES, 'duration("P7D")', 'duration("P1D") * days')


@pytest.fixture
def tabled(starter):
    """The starter's home, in which a table says how long is waited, by way of a `let` and of another table."""

    def load(*edits, patience=PATIENCE, steps=STEPS):
        return starter(LET, CALL, *edits, **{TABLE: patience, STEP: steps})

    return load


def told(*homes):
    return [str(each) for each in changes(*homes) if each.what == "table"]


def test_a_changed_cell_is_told_with_its_row_and_column(tabled):
    head = tabled(patience=PATIENCE.replace('not("C1")\']\n    then: ["7"]', 'not("C1")\']\n    then: ["9"]'))
    assert told(tabled(), head) == ["table patience: row 2: `days` `7` -> `9`"]


def test_rows_that_come_and_go_are_told_with_their_notes(tabled):
    friend = "  - when: ['\"C1\"']\n    then: [step(7)]\n    note: an old friend\n"
    head = tabled(patience=PATIENCE.replace(friend, ""))
    assert told(tabled(), head) == ['table patience: row 1 (an old friend) is gone: `"C1"` -> `step(7)`']
    assert told(head, tabled()) == ['table patience: row 1 (an old friend) is new: `"C1"` -> `step(7)`']


def test_columns_and_hit_policy_are_told(tabled):
    head = tabled(
        patience=PATIENCE.replace("for: customer", "for: customer\nhit: FIRST").replace(
            "{name: days}", "{name: days, type: number, default: 3}"
        )
    )
    assert told(tabled(), head)[0].removeprefix("table patience: ").split("; ") == [
        "`hit` `U` -> `F`",
        "the output `days`: `type` nothing -> `number`",
        "the output `days`: `default` nothing -> `3`",
    ]


def test_a_table_that_is_new_is_named(tabled, starter):
    assert sorted(told(starter(), tabled())) == ["table patience added", "table step added"]


@pytest.mark.parametrize(
    "changed",
    [{"patience": PATIENCE.replace('["7"]', '["9"]')}, {"steps": STEPS.replace(",> 5,days", ",> 5,days + 2")}],
)
def test_a_changed_cell_concerns_the_rules_that_call_the_table_however_far(tabled, changed):
    homes = tabled(), tabled(**changed)
    assert affected(*(Slices(each, Rulebook.of(each)) for each in homes)) == {"reminders/late"}


def test_a_table_nobody_calls_concerns_no_rule(starter):
    homes = [starter(**{STEP: text}) for text in (STEPS, STEPS.replace("days\n", "days + 1\n"))]
    assert affected(*(Slices(each, Rulebook.of(each)) for each in homes)) == frozenset()


def test_decisions_follow_the_cell(tabled, history):
    found = compare(tabled(), tabled(patience=PATIENCE.replace('["7"]', '["9"]')), history)
    assert counts(found) == {("propose", "changes"): (1, 1)}
    assert [each.subject for each in found.examples] == ["customer:C2"]
    inner = compare(tabled(), tabled(steps=STEPS.replace("days\n", "days + 2\n")), history)
    assert counts(inner).keys() == {("propose", "vanishes"), ("withdraw", "vanishes")}


def test_two_processes_take_tables_with_them(tabled, history, monkeypatch):
    monkeypatch.setattr(behaviour, "PARALLEL", 1)
    found = compare(tabled(), tabled(patience=PATIENCE.replace('["7"]', '["9"]')), history)
    assert found.differs
