"""A ledger of six invoices whose figures are worked out by hand, and leaks planted in it."""

import shutil
from pathlib import Path

import pytest

from evals.replay import run
from evals.scoring import Confusion

HOME = Path(__file__).parents[2] / "examples" / "csv-ledger"
HEADER = (
    "countryCode,customerID,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,DaysToSettle,DaysLate"
)
LEDGER = """\
1,A,A1,1/1/2013,1/31/2013,100.00,No,2/20/2013,50,20
1,A,A2,3/1/2013,3/31/2013,100.00,No,3/20/2013,19,0
1,A,A3,4/1/2013,5/1/2013,100.00,No,5/5/2013,34,4
1,B,B1,1/1/2013,1/31/2013,100.00,No,1/25/2013,24,0
1,B,B2,3/1/2013,3/31/2013,100.00,Yes,4/20/2013,50,20
1,B,B3,3/11/2013,4/10/2013,100.00,No,4/12/2013,32,2
"""
"""On its due date A1 is flagged, for nothing is known of A (late by 20: a hit); A2 is settled by then. A has then
been late by 10 on average, so A3 is flagged (late by 4: a false alarm). B1 is settled, so B2 is not flagged (late by
20: a miss); while B2 is overdue B3 is flagged (late by 2: a false alarm)."""


@pytest.fixture
def home(tmp_path):
    shutil.copytree(HOME, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def replayed(tmp_path, home):
    def replayed(rows=LEDGER, **options):
        path = tmp_path / "ledger.csv"
        path.write_text(f"{HEADER}\n{rows}")
        return run(home, {"ledger": path}, **options)

    return replayed


def confusion(report, prediction, group="all"):
    (scored,) = report.scores
    return next(row.confusion for row in scored.rows if (row.group, row.prediction) == (group, prediction))


def column(report, title):
    return next(each for each in report.columns if title in each.title.lower())


def test_precision_and_recall_are_those_worked_out_by_hand(replayed):
    report = replayed()
    rules = confusion(report, "the rules")
    assert rules == Confusion(hits=1, false_alarms=2, misses=1, rejections=2)
    assert (rules.precision, rules.recall, rules.accuracy) == (1 / 3, 1 / 2, 1 / 2)
    assert confusion(report, "flag all") == Confusion(hits=2, false_alarms=4)
    assert confusion(report, "flag none") == Confusion(misses=2, rejections=4)
    assert confusion(report, "the rules", "2013") == rules
    assert report.events >= 12
    assert "events/s" in report.text()
    told = next(each for each in report.text().splitlines() if each.startswith("all   the rules"))
    assert told.split()[3:] == ["6", "3", "0.50", "0.19-0.81", "0.33", "0.06-0.79", "0.50", "0.09-0.91", "0.40"]


def test_flags_follow_ups_and_withdrawals_stand_in_their_month(replayed):
    report = replayed()
    assert sum(column(report, "flag").months.values()) >= 1
    text = report.text()
    for month in ("2013-01", "2013-04", "in all"):
        assert month in text


def test_what_cannot_be_read_is_told_with_its_line_and_the_rest_is_scored(replayed):
    report = replayed(LEDGER + "1,B,B4,3/11/2013,2/31/2013,100.00,No,,,\n")
    assert confusion(report, "the rules").total == 6
    assert any("ledger.csv:8" in each.place for each in report.rejected)
    assert "could not be used" in report.text()


def test_an_empty_ledger_gives_an_empty_report(replayed):
    report = replayed("")
    assert (report.events, report.scores) == (0, ())


def test_the_same_ledger_gives_the_same_report(replayed):
    first, second = replayed(), replayed()
    assert (first.columns, first.scores) == (second.columns, second.scores)


# --- nothing is known before its day ------------------------------------------------------------------------------

OPEN = 'status = "open" and today() >= due_date and today() < due_date + duration("P1D")'
LEAK = """
  - id: likely_late
    for: invoice
    when: |
      {condition}
    do:
      - id: flag
        operation: tasks.create
        while: status = "open"
        with:
          kind: '"likely_late"'
          customer: customer.number
          title: number
        autonomy: ask
    because: A planted leak.
"""


@pytest.fixture
def planted(home, replayed):
    """Replay with a rule that asks, on the due date, for what only the settlement tells."""

    def planted(condition):
        rules = home / "rules/collections/ruleset.yaml"
        text = rules.read_text()
        start, end = text.index("  - id: likely_late"), text.index("  - id: follow_up")
        rules.write_text(text[:start] + LEAK.format(condition=f"{OPEN} and {condition}").lstrip("\n") + text[end:])
        (home / "rules/collections/examples.yaml").unlink()
        return confusion(replayed(), "the rules")

    return planted


@pytest.mark.parametrize("condition", ["was_disputed = true", "settled_on != null", "days_late > 10"])
def test_a_rule_that_asks_for_the_settlement_before_it_finds_nothing(planted, condition):
    assert planted(condition) == Confusion(misses=2, rejections=4)


def test_the_leak_would_be_seen_if_there_were_one(planted, home):
    """The control: without `appears` the same rule knows of the dispute weeks before the settlement."""
    sources = home / "config/sources.yaml"
    text = sources.read_text()
    start = text.index("          Disputed: |")
    end = text.index("          DaysToSettle: |")
    sources.write_text(text[:start] + text[end:])
    assert planted("was_disputed = true").hits == 1


def test_another_future_changes_nothing_before_it(replayed):
    """B2 is settled in time instead of 20 days late, and nothing that was said until its due date is otherwise."""
    other = LEDGER.replace(
        "B2,3/1/2013,3/31/2013,100.00,Yes,4/20/2013,50,20", "B2,3/1/2013,3/31/2013,100.00,No,4/9/2013,39,9"
    )
    first, second = replayed(), replayed(other)
    for before, after in zip(first.columns, second.columns, strict=True):
        until = {month for month in {*before.months, *after.months} if month <= "2013-03"}
        assert {m: before.months.get(m) for m in until} == {m: after.months.get(m) for m in until}
    assert confusion(second, "the rules") == Confusion(hits=1, false_alarms=1, misses=0, rejections=4)
