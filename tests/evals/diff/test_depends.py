"""What the evidence for an action's autonomy hangs on."""

import pytest

from engine.inference.rulebook import Rulebook
from evals.diff.behaviour import compare
from evals.diff.depends import dependencies, differing, fingerprint
from evals.diff.slicing import Slices

RULES, NAME = "rules/reminders/ruleset.yaml", "reminders/late"
PROMPT, MAPPING = "rules/reminders/prompts/reminder.md", "mappings/ledger.yaml"
GRADE = (
    "format: 1\nname: grade\nfor: customer\ninputs: [name]\noutputs: [grade]\nrows:\n  - {when: ['-'], then: ['1']}\n"
)
TABLE = "rules/reminders/tables/grade.yaml"
CALLED = (RULES, "oldest_due != null and", "oldest_due != null and grade(name) = 1 and")


def of(home):
    spec = home.rulesets["reminders"].rules[0].do[0]
    return dependencies(Slices(home, Rulebook.of(home)), NAME, spec)


def changed(before, after):
    return differing(of(before), of(after))


def test_the_same_home_has_the_same_fingerprint(starter):
    assert fingerprint(of(starter())) == fingerprint(of(starter()))


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        ((RULES, "P7D", "P9D"), ("rule",)),
        ((RULES, "to: email\n", "to: name\n"), ("action",)),
        ((PROMPT, "## template en\n", "## template en\nHello. "), (f"prompt {PROMPT}",)),
        (("config/app.yaml", "timezone: Europe/Istanbul", "timezone: UTC"), ("calendar",)),
    ],
)
def test_what_changes_is_named(starter, edit, named):
    found = changed(starter(), starter(edit))
    assert set(named) <= set(found)


def test_a_table_counts_for_who_calls_it_alone(starter):
    other = GRADE.replace("'1'", "'2'")
    homes = [starter(CALLED, **{TABLE: text}) for text in (GRADE, other)]
    assert changed(*homes) == ("table grade",)
    assert changed(*(starter(**{TABLE: text}) for text in (GRADE, other))) == ()


def test_the_mapping_of_what_is_read_counts_and_of_the_rest_does_not(starter):
    late = (MAPPING, "due_date: due_date", "due_date: paid_on")
    assert changed(starter(), starter(late)) == ("mapping ledger.invoices -> invoice",)
    assert changed(starter(), starter((MAPPING, "amount: amount", "amount: amount * 2"))) == ()


RATES = """
  fx:
    rates: {base: of, quote: to, on: day, rate: mid}
    fields: {of: text, to: text, day: date, mid: number, name: text}

"""
RATED = """
  rates:
    - entity: fx
      id: id
      fields: {of: of, to: to, day: day, mid: mid, name: n}
"""
CONVERTING = (
    ("config/model.yaml", "  invoice:\n", f"{RATES}  invoice:\n"),
    (RULES, "when: oldest_due", 'when: in currency(max(invoices.amount), "USD", today()) > 10 and oldest_due'),
    (MAPPING, "  invoices:\n", f"{RATED}  invoices:\n"),
    (
        "config/sources.yaml",
        "      invoices:",
        "      rates: {format: csv, path: rates.csv, key: [id]}\n      invoices:",
    ),
)


def test_the_rates_by_which_money_is_converted_count(starter):
    other = (MAPPING, "mid: mid", "mid: mid * 2")
    assert changed(starter(*CONVERTING), starter(*CONVERTING, other)) == ("mapping ledger.rates -> fx",)
    assert changed(starter(*CONVERTING), starter(*CONVERTING, (MAPPING, "name: n}", "name: m}"))) == ()


def test_a_field_that_only_the_letter_names_counts(starter):
    derived = (
        "config/model.yaml",
        "      oldest_due:\n",
        "      short: {type: text, derived: 'substring(name, 1, 3)'}\n      oldest_due:\n",
    )
    longer = (derived[0], derived[1], derived[2].replace("3)", "4)"))
    slot = (PROMPT, "  customer: name\n", "  customer: short\n")
    assert changed(starter(derived, slot), starter(longer, slot)) == ("field customer.short",)


def test_an_autonomous_action_is_told_what_it_lost_its_evidence_by(starter):
    alone = ("config/autonomy.yaml", "approval: always", "approval: never\n    max_consequence: high")
    homes = [starter(alone, CALLED, **{TABLE: text}) for text in (GRADE, GRADE.replace("'1'", "'2'"))]
    assert [each.text for each in compare(*homes, []).standings] == [
        "what it depends on changed (table grade): the evidence for its autonomy is to be earned again"
    ]
