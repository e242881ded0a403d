"""Rules over the past: each fact at its moment, and a leak from the future that is found."""

import asyncio
import os
import shutil
import subprocess
from datetime import date, datetime
from pathlib import Path

import pytest

from api.cli.root import opslayer
from api.cli.shell import GOOD, run
from engine.events import ChangeEvent
from engine.inference.clock import HeldClock
from engine.journal import entry_of
from engine.ports import Stored
from engine.rules import load_home
from evals.backtest import over_files, over_journal
from evals.history import read_history
from tests.evals.test_replay import HEADER, HOME, LEDGER

AHEAD = frozenset({"invoice.due_date"})


def always(_at):
    return True


@pytest.fixture
def ledger(tmp_path):
    shutil.copytree(HOME, tmp_path / "home")
    (tmp_path / "ledger.csv").write_text(f"{HEADER}\n{LEDGER}")
    return tmp_path


def backtest(folder, *, inside=always, ahead=AHEAD):
    home = load_home(folder / "home").sound()
    clock = HeldClock(datetime(2014, 1, 1).astimezone())
    moments, _ = asyncio.run(read_history(folder / "home", home, {"ledger": folder / "ledger.csv"}, clock))
    return over_files(home, moments, inside=inside, ahead=ahead)


def flagged(found):
    return {each.month: each.proposed for each in found.counts if each.action == "collections/likely_late/flag"}


def test_what_the_rules_would_have_decided_is_what_a_replay_decides(ledger):
    """By hand (see test_replay): A1 in January, B2 in March, B3 in April, A3 in May; what is settled is not flagged."""
    found = backtest(ledger)
    assert found.leaks == ()
    assert sum(flagged(found).values()) == 3
    may = backtest(ledger, inside=lambda at: at.date() >= date(2013, 5, 1))
    assert flagged(may) == {"2013-05": 1}


def test_a_leak_from_the_future_is_found_and_named(ledger):
    """The settlement date is planted as known from the first day on: the column no longer says when it appears."""
    sources = ledger / "home/config/sources.yaml"
    text = sources.read_text()
    start, end = text.index("          SettledDate: |"), text.index("          Disputed: |")
    sources.write_text(text[:start] + text[end:])
    found = backtest(ledger)
    assert [(each.field, each.count) for each in found.leaks] == [("invoice.settled_on", 6)]
    assert "invoice.settled_on tells of the future 6 times" in found.text()
    assert flagged(found) == {}


def test_a_date_that_is_known_ahead_must_be_said_to_be(ledger):
    assert {each.field for each in backtest(ledger, ahead=frozenset()).leaks} == {"invoice.due_date"}


def test_a_journal_that_was_told_too_early_is_found_too():
    home = load_home(HOME).sound()
    told = datetime.fromisoformat("2013-01-01T09:00:00+00:00")
    event = ChangeEvent(
        entity="invoice", id="I1", record="ledger/invoices/I1", fields={"due_date": date(2013, 1, 31)},
        valid_at=datetime.fromisoformat("2013-02-01T00:00:00+00:00"),
    )  # fmt: skip
    entry = entry_of(event, told)
    stored = Stored(
        seq=1,
        kind=entry.kind,
        recorded_at=told,
        valid_at=entry.valid_at,
        actor="",
        subjects=(),
        revision="",
        body=entry.body,
    )
    [leak] = over_journal(home, [stored], inside=always, ahead=AHEAD).leaks
    assert (leak.field, leak.says) == ("(record)", "2013-02-01 00:00")


def test_decisions_up_to_a_day_do_not_depend_on_what_came_later(ledger):
    whole = backtest(ledger)
    rows = [row for row in LEDGER.splitlines() if row.split(",")[3].startswith("1/")]
    (ledger / "ledger.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    cut = backtest(ledger)
    early = [each for each in whole.counts if each.month == "2013-01"]
    assert early == [each for each in cut.counts if each.month == "2013-01"] != []


def test_at_the_command_line_under_a_revision(ledger, capsys):
    home, source = str(ledger / "home"), f"ledger={ledger / 'ledger.csv'}"
    git = ["git", "-C", home, "-c", "user.email=a@x.example", "-c", "user.name=a", "-c", "commit.gpgsign=false"]
    for each in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "rules"]):
        subprocess.run([*git, *each], check=True, capture_output=True)
    rules = ledger / "home/rules/collections/ruleset.yaml"
    rules.write_text(rules.read_text().replace("customer.settled_count = 0 or ", ""))
    assert run(opslayer, ["--home", home, "backtest", "--source", source, "--rules", "HEAD"]) == GOOD
    assert "2013-01  collections/likely_late/flag" in capsys.readouterr().out
    assert run(opslayer, ["--home", home, "backtest", "--source", source]) == GOOD
    assert "2013-01  collections/likely_late/flag" not in capsys.readouterr().out
    assert run(opslayer, ["--home", home, "backtest", "--source", source, "--from", "2013-06-01"]) == GOOD
    assert run(opslayer, ["--home", home, "backtest"]) == GOOD


PAYMENTS = os.environ.get("OPSLAYER_LATE_PAYMENTS", "")


@pytest.mark.skipif(not Path(PAYMENTS).is_file(), reason="OPSLAYER_LATE_PAYMENTS does not name the file of invoices")
def test_on_real_invoices_the_shipped_rules_beat_the_simple_one_on_the_later_year_too():
    """Labels by the later outcome, flags by the due date only, split by time: chosen on 2012, told for 2013."""
    from evals.replay import run as replay
    from evals.scoring import wilson

    (scored,) = replay(HOME, {"ledger": Path(PAYMENTS)}).scores
    rows = {(row.group, row.prediction): row.confusion for row in scored.rows}
    simple = "earlier invoices over 5 days late"
    for year in ("2012", "2013"):
        ours, theirs = rows[year, "the rules"], rows[year, simple]
        low, _ = wilson(ours.hits, ours.flagged)
        assert low > theirs.precision, "more precise beyond the 95 % bound"
        assert ours.recall > theirs.recall - 0.02, "and finds as many"
        assert ours.f1 > theirs.f1 + 0.08
    both = rows["all", "the rules"]
    assert (round(both.precision, 2), round(both.recall, 2)) == (0.45, 0.80)
    assert rows["all", simple].precision == pytest.approx(0.35, abs=0.005)
    told = {year: rows[year, "the rules"].accuracy for year in ("2012", "2013")}
    usual = {year: rows[year, "flag none"].accuracy for year in ("2012", "2013")}
    assert {year: round(each, 2) for year, each in told.items()} == {"2012": 0.83, "2013": 0.85}
    assert {year: round(each, 2) for year, each in usual.items()} == {"2012": 0.83, "2013": 0.89}
    low, high = wilson(both.hits + both.rejections, both.total)
    assert low < both.accuracy < high
    assert rows["all", simple].accuracy < low, "more often right than the simple one, beyond the bound"
