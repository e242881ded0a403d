"""The given/then examples: one that fails tells where, what was expected and what happened."""

import pytest

from api.starter import write_home
from engine.source.problem import ConfigError
from evals.examples import run

HEAD = """format: 1
examples:
  - name: tried
    at: 2026-03-02T09:00:00+03:00
    given:
      customer: [{id: C1, name: Acme, email: a@example.org}]
      invoice: [{id: I1, number: I1, customer: C1, amount: 100, due_date: 2026-02-22}]
"""


@pytest.fixture
def tried(tmp_path):
    """Run one example over the small home; returns its result."""
    write_home(tmp_path)

    def tried(text):
        (tmp_path / "rules/reminders/examples.yaml").write_text(HEAD + text)
        (result,) = run(tmp_path)
        return result

    return tried


HOLD = {
    "proposed": "    then: [{propose: late/remind for customer:C1}]\n",
    "with its reason": "    then: [{propose: late/remind for customer:C1, because: Open since 2026-02-22}]\n",
    "with its input": "    then: [{propose: late/remind for customer:C1, inputs: {to: a@example.org}}]\n",
    "a fact": "    then: [{facts: {'customer:C1.oldest_due': 2026-02-22}}]\n",
    "withdrawn later": """    then: [{propose: late/remind for customer:C1}]
    steps:
      - change: {invoice: [{id: I1, paid_on: 2026-03-02}]}
        then: [{withdraw: late/remind for customer:C1}]
""",
    "withdrawn by a deletion": """    steps:
      - delete: [invoice:I1]
        then: [{withdraw: late/remind for customer:C1}]
""",
}


@pytest.mark.parametrize("text", HOLD.values(), ids=HOLD)
def test_what_is_so_passes(tried, text):
    result = tried(text)
    assert (result.passed, result.differences) == (True, ())


FAIL = {
    "nothing": ("    then: [{nothing: true}]\n", "nothing was to happen, but propose late/remind for customer:C1"),
    "another": (
        "    then: [{withdraw: late/remind for customer:C1}]\n",
        "expected withdraw late/remind for customer:C1; what happened: propose late/remind for customer:C1",
    ),
    "reason": (
        "    then: [{propose: late/remind for customer:C1, because: since 2020}]\n",
        "the reason is `Open since 2026-02-22.`, without `since 2020`",
    ),
    "input": (
        "    then: [{propose: late/remind for customer:C1, inputs: {to: b@example.org}}]\n",
        "input to is a@example.org, not b@example.org",
    ),
    "fact": ("    then: [{facts: {'customer:C1.oldest_due': 2026-02-23}}]\n", "is 2026-02-22, not 2026-02-23"),
}


@pytest.mark.parametrize(("text", "told"), FAIL.values(), ids=FAIL)
def test_what_is_not_so_is_told_with_its_line(tried, text, told):
    result = tried(text)
    assert not result.passed
    (difference,) = result.differences
    assert told in difference
    assert difference.startswith("rules/reminders/examples.yaml:8:")


def test_every_difference_is_told(tried):
    result = tried("    then: [{nothing: true}, {withdraw: late/remind for customer:C1}]\n")
    assert len(result.differences) == 2


def test_time_passes_before_the_answer_is_looked_at(tried):
    early = HEAD.replace("2026-02-22", "2026-02-25")
    assert early != HEAD
    result = tried("    after: P1D\n    then: [{propose: late/remind for customer:C1}]\n")
    assert result.passed


def test_a_value_that_does_not_fit_is_a_fault_of_the_example(tried):
    with pytest.raises(ConfigError, match=r"examples.yaml:8:52: .*expected a date"):
        tried("    steps: [{change: {invoice: [{id: I1, due_date: soon}]}, then: [{nothing: true}]}]\n")


def test_only_the_named_workflows_run(tmp_path):
    write_home(tmp_path)
    assert run(tmp_path, ["reminders"])
    assert run(tmp_path, ["other"]) == []
