"""Labelled cases through the code of production: read, run, scored, compared, told and kept."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from api.cli.root import opslayer
from api.cli.shell import FAULTS, GOOD, USAGE, run
from api.shipped import copy_home
from engine.ports import Answer
from engine.rules import load_home
from engine.source.problem import ConfigError
from evals import kept
from evals.labelled.csvform import read_csv
from evals.labelled.reading import cases_of, check_cases
from evals.labelled.writing import append
from evals.scored import page, telling
from evals.scored.asking import Meter
from evals.scored.running import Runner
from evals.scored.scoring import ALL, compare, majority, run_of
from evals.scored.words import Judge, similarity
from evals.scoring import Confusion

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 3, 9, tzinfo=UTC)


@pytest.fixture
def home(tmp_path):
    copy_home(tmp_path)
    (tmp_path / "evals/cases").mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "evals/cases/collections.yaml", tmp_path / "evals/cases")
    return tmp_path


def scored(home, *, repeat=1, meter=None, judge=None, change=None):
    loaded = load_home(home).sound()
    cases = cases_of(home, loaded, "collections")
    cases = change(cases) if change else cases
    tried = Runner(loaded, "collections", meter or Meter(), judge).run(cases, repeat)
    return run_of("collections", tried, at=NOW, revision=loaded.revision, route="templates", repeat=repeat)


class Scripted:
    """A model that answers what it was given to answer, one text after the other."""

    name = "scripted"

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    async def ask(self, ask, seconds=None):  # noqa: ARG002  (the port)
        self.asked.append(ask)
        said = self.answers[min(len(self.asked), len(self.answers)) - 1]
        return Answer(text=msgspec.json.encode(said).decode(), model="scripted-1", tokens_in=10, tokens_out=5)

    async def aclose(self):
        return


def test_the_shipped_cases_hold(home):
    done = scored(home)
    assert [each.faults for each in done.cases] == [()] * 4
    overall = done.overall
    assert overall.confusion == Confusion(hits=4, rejections=6)
    assert {each.name for each in done.groups} >= {ALL, "first_reminder/remind", "language: en", "language: tr"}
    assert majority(overall) == 0.6
    assert done.reasons() == ()


def test_a_worse_rule_breaks_a_pinned_case_and_is_told_from_the_accepted_run(home):
    good = scored(home)
    kept.accept(home, good)
    rules = home / "rules/collections/ruleset.yaml"
    rules.write_text(rules.read_text().replace('oldest_due + duration("P7D")', 'oldest_due + duration("P9D")'))
    bad = scored(home)
    found = compare(bad, kept.accepted(home, "collections"), "the accepted run")
    assert found.broken == ("eight_days_over",)
    assert found.mended == ()
    assert bad.reasons() == ("pinned case eight_days_over failed",)
    assert bad.overall.confusion == Confusion(hits=2, misses=2, rejections=6)


def test_significantly_worse_fails_even_where_nothing_is_pinned(home):
    def many(cases):
        first = msgspec.structs.replace(cases[0], pinned=False)
        return tuple(msgspec.structs.replace(first, id=f"case{number}") for number in range(6))

    good = scored(home, change=many)
    rules = home / "rules/collections/ruleset.yaml"
    rules.write_text(rules.read_text().replace('oldest_due + duration("P7D")', 'oldest_due + duration("P9D")'))
    bad = scored(home, change=many)
    found = compare(bad, good, "before")
    assert (found.p, found.worse) == (pytest.approx(2 / 64), pytest.approx(1 / 64))
    assert msgspec.structs.replace(bad, comparisons=(found,)).reasons() == (
        "worse than before: 6 broken, 0 mended, p = 0.016",
    )


def test_a_prompt_made_worse_on_purpose_is_caught(home):
    prompt = home / "rules/collections/prompts/first_reminder.md"
    text = prompt.read_text()
    assert "{invoice" in text or "{invoices" in text
    head, mark, body = text.partition("## template en")
    prompt.write_text(
        head + mark + body.replace("## template", "Otherwise our lawyer will take this to court.\n\n## template", 1)
        if "## template" in body
        else text.rstrip() + "\n\nOtherwise our lawyer will take this to court.\n"
    )
    [failed] = [each for each in scored(home).cases if not each.passed]
    assert failed.id == "eight_days_over"
    assert {
        "first_reminder/remind for customer:C1: says 'lawyer'",
        "first_reminder/remind for customer:C1: says 'court'",
    } <= set(failed.faults)


def test_a_model_that_writes_numbers_is_refused_by_the_guards_of_production_and_that_is_a_fault(home):
    model = Scripted({"subject": "Hello", "body": "Please pay 100 by tomorrow, or else."})
    done = scored(home, meter=Meter([model]))
    [words] = done.cases[0].words
    assert words.origin == "template"
    assert any(each.startswith("refused: scripted 1:") for each in words.faults)
    assert done.cases[0].tokens == 45
    assert not done.cases[0].passed


def test_a_case_that_comes_out_differently_is_flaky_and_has_failed(home):
    text = "Dear customer, {slots}. We kindly remind you of it and thank you for your help with this matter."
    prompt = load_home(home).prompts["rules/collections/prompts/first_reminder.md"]
    slots = " ".join(f"{{{name}}}" for name in prompt.front.slots)
    good = {"subject": "A reminder", "body": text.replace("{slots}", slots)}
    bad = {"subject": "A reminder", "body": "Pay 5 now."}
    model = Scripted(good, bad)
    done = scored(home, repeat=2, meter=Meter([model]))
    assert [(each.id, each.flaky) for each in done.cases if not each.passed] == [("eight_days_over", True)]


def test_a_judging_model_is_told_beside_its_agreement_with_people(home):
    judge = Scripted({"verdict": "good", "why": ""}, {"verdict": "bad", "why": ""})
    meter = Meter()

    def labelled(cases):
        words = [
            msgspec.structs.replace(cases[0].words[0], verdict=each, sent="Dear Acme")
            for each in ("good", "bad", "bad")
        ]
        return tuple(
            msgspec.structs.replace(cases[0], id=f"case{number}", words=(each,)) for number, each in enumerate(words)
        )

    done = scored(home, meter=meter, judge=Judge(Meter(), judge), change=labelled)
    assert done.kappa == 1.0
    assert "kappa with people 1.00" in telling.text(done)
    assert 0 < done.cases[0].words[0].similarity < 1
    assert similarity("a b c", "a b c") == 1


def test_what_breaks_a_case_fails_that_case_and_no_other(home, monkeypatch):
    def broken(self, rulebook, case):
        if case.id == "promise_runs":
            raise ZeroDivisionError("planted")
        return real(self, rulebook, case)

    real = Runner._decide
    monkeypatch.setattr(Runner, "_decide", broken)
    done = scored(home)
    assert [each.error for each in done.cases if each.error] == ["ZeroDivisionError: planted"]
    assert done.overall.errors == 2
    assert "case promise_runs could not be run" in done.reasons()[0]


def test_a_run_is_told_as_text_markdown_html_and_junit(home):
    done = scored(home)
    assert "4 of 4 cases passed" in telling.text(done)
    assert "| all decisions | 10 | 1.00 |" in telling.markdown(done)
    suite = ET.fromstring(telling.junit(done).encode())
    assert (suite.get("tests"), suite.get("failures"), len(suite)) == ("4", "0", 4)
    shown = page.html(done, [done])
    assert "<svg" in shown
    assert "http" not in shown
    assert msgspec.json.decode(msgspec.json.encode(done), type=type(done)) == done


def test_every_fault_of_cases_is_told_with_its_place(home):
    file = home / "evals/cases/collections.yaml"
    text = (
        file.read_text()
        .replace("id: promise_runs", "id: eight_days_over")
        .replace("due_date: 2026-02-10", "due: 2026-02-10")
    )
    file.write_text(text.replace("talk/call for", "talk/shout for", 1).replace("pinned: true", "pinned: perhaps"))
    (home / "evals/cases/collections.jsonl").write_text(
        '{"id": "a", "at": "2026-03-02T09:00:00Z", "shuld": []}\n{"id"\n'
    )
    told = [str(each.place) + " " + each.message for each in check_cases(home, load_home(home))]
    assert any("collections.yaml:" in each and "due" in each for each in told)
    assert any("two cases `eight_days_over`" in each for each in told)
    assert any("shout" in each for each in told)
    assert any("perhaps" in each for each in told)
    assert any(each.startswith("evals/cases/collections.jsonl:1:") and "shuld" in each for each in told)
    assert any(each.startswith("evals/cases/collections.jsonl:2:1") for each in told)
    with pytest.raises(ConfigError):
        cases_of(home, load_home(home), "collections")


CSV = """\
id,at,should,should_not,segment.country,customer.id,customer.name,invoice.id,invoice.customer,invoice.currency,invoice.amount,invoice.due_date,pinned
late,2026-03-02T09:00:00+03:00,first_reminder/remind for customer:C1,,TR,C1,Acme,I1,C1,TRY,100,2026-02-22,yes
young,2026-03-02T09:00:00+03:00,,first_reminder/remind for customer:C1,TR,C1,Acme,I1,C1,TRY,100,2026-02-28,
"""


def test_cases_come_from_a_spreadsheet_once(home):
    cases, problems = read_csv(CSV, "cases.csv")
    assert problems == []
    assert (append(home, "collections", cases), append(home, "collections", cases)) == (2, 0)
    done = scored(home)
    assert [each.passed for each in done.cases] == [True] * 6
    assert [each.pinned for each in done.cases[-2:]] == [True, False]
    _, problems = read_csv("id,when\na,b\n", "cases.csv")
    assert [each.message for each in problems] == ["there is no column `when`", "the column `at` is missing"]


def test_at_the_command_line_the_exit_code_says_whether_it_holds(home, capsys):
    assert run(opslayer, ["--home", str(home), "eval", "collections", "--accept"]) == GOOD
    assert (
        run(opslayer, ["--home", str(home), "eval", "collections", "--format", "html", "--out", str(home / "a.html")])
        == GOOD
    )
    assert (home / "a.html").read_text().startswith("<!doctype html>")
    prompt = home / "rules/collections/ruleset.yaml"
    prompt.write_text(prompt.read_text().replace('oldest_due + duration("P7D")', 'oldest_due + duration("P9D")'))
    capsys.readouterr()
    assert run(opslayer, ["--home", str(home), "--json", "eval", "collections"]) == FAULTS
    answer = msgspec.json.decode(capsys.readouterr().out)
    assert answer["comparisons"][0]["broken"] == ["eight_days_over"]
    assert run(opslayer, ["--home", str(home), "eval", "collections", "--history"]) == GOOD
    assert capsys.readouterr().out.count("templates") == 3
    assert run(opslayer, ["--home", str(home), "eval", "collections", "--route", "nobody"]) == USAGE


def test_against_a_real_revision_the_page_names_what_it_broke_and_draws_the_runs(home, capsys):
    def git(*arguments):
        who = ["-c", "user.email=x@example.org", "-c", "user.name=x", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", str(home), *who, *arguments], check=True, capture_output=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "as it was")
    assert run(opslayer, ["--home", str(home), "eval", "collections"]) == GOOD
    rules = home / "rules/collections/ruleset.yaml"
    rules.write_text(rules.read_text().replace('oldest_due + duration("P7D")', 'oldest_due + duration("P9D")'))
    page = home / "a.html"
    told = ["--against", "HEAD", "--format", "html", "--out", str(page)]
    assert run(opslayer, ["--home", str(home), "eval", "collections", *told]) == FAULTS
    text = page.read_text()
    assert "Against HEAD: 1 broken, 0 mended of 4 cases (exact McNemar p = 1.000). Broken: eight_days_over." in text
    assert text.count("<circle") == 7 + 2, "each group, and each run"
    assert run(opslayer, ["--home", str(home), "eval", "collections", "--against", "nowhere"]) == USAGE
