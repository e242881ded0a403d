"""Whatever an action depends on is in its fingerprint, and named when it changes."""

import pytest

from engine.inference.rulebook import Rulebook
from evals.autonomy.fingerprints import changed, fingerprints

EARNED = ("config/autonomy.yaml", "approval: always", "approval: earned")
REMIND = "reminders/late/remind"


def parts(home, models=("m:1",)):
    return fingerprints(home, Rulebook.of(home), models)[REMIND]


@pytest.mark.parametrize(
    ("edit", "part"),
    [
        (("mappings/ledger.yaml", "due_date: due_date", 'due_date: due_date + duration("P1D")'), "mapping ledger.invoices -> invoice"),
        (("rules/reminders/prompts/reminder.md", "Kind regards", "Regards"), "prompt rules/reminders/prompts/reminder.md"),
        (("rules/reminders/ruleset.yaml", 'duration("P7D")', 'duration("P9D")'), "rule"),
        (("config/model.yaml", "derived: paid_on = null", "derived: paid_on = null and amount != null"), "field invoice.open"),
    ],
)  # fmt: skip
def test_what_changes_upstream_changes_the_fingerprint_and_is_named(starter, edit, part):
    before, after = parts(starter(EARNED)), parts(starter(EARNED, edit))
    assert before.digest != after.digest
    assert part in changed(before.parts, after.parts)


def test_a_model_swapped_behind_the_same_route_changes_it(starter):
    home = starter(EARNED)
    before, after = parts(home), parts(home, ("m:2",))
    assert before.digest != after.digest
    assert changed(before.parts, after.parts) == ("models in use",)


def test_a_threshold_in_a_table_changes_it(starter):
    table = """format: 1
name: grade
for: customer
inputs: [oldest_due]
outputs: [grade]
rows:
  - {when: ['> date("2026-01-01")'], then: ['1']}
  - {when: ['-'], then: ['2']}
"""
    called = (
        "rules/reminders/ruleset.yaml",
        "oldest_due != null and",
        "oldest_due != null and grade(oldest_due) = 1 and",
    )
    file = "rules/reminders/tables/grade.yaml"
    before = parts(starter(EARNED, called, **{file: f"{table}hit: FIRST\n"}))
    after = parts(starter(EARNED, called, **{file: f"{table}hit: FIRST\n".replace("2026-01-01", "2026-02-01")}))
    assert changed(before.parts, after.parts) == ("table grade",)


def test_words_about_a_rule_change_nothing(starter):
    before = parts(starter(EARNED))
    after = parts(starter(EARNED, ("rules/reminders/ruleset.yaml", "about: A friendly", "about: A very friendly")))
    assert before.digest == after.digest
