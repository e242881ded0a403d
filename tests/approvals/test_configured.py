"""Who is asked, reminded and out of office, as the files say it and as approvals read it."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from approvals import configured
from approvals.structs import Ask, Escalation
from engine.rules import load_home

APP = "format: 1\ncompany: Acme\n"
SOURCES = "format: 1\nsources:\n  mail: {connector: mail, smtp: {from: a@example.org}, write: true}\n"
PEOPLE = """\
format: 1
people:
  - {id: ayse, email: ayse@example.org, roles: [operator], delegate: elif, away: {from: 2026-03-02, to: 2026-03-09}}
  - {id: elif, roles: [admin]}
"""
POLICIES = """\
format: 1
policies:
  letters:
    approval: always
    ask: {by: mail, source: mail, url: {env: OPSLAYER_NO_SUCH_URL, default: "https://ops.example/"}}
    remind: P1D
    escalate: {after: P2D, to: [elif]}
"""


def home(tmp_path: Path, people: str = PEOPLE, policies: str = POLICIES):
    (tmp_path / "config").mkdir()
    texts = {
        "app": APP,
        "model": "format: 1\nentities: {}\n",
        "sources": SOURCES,
        "people": people,
        "autonomy": policies,
    }
    for name, text in texts.items():
        (tmp_path / "config" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_home(tmp_path)


def test_a_policy_says_how_people_are_asked_reminded_and_who_is_above(tmp_path):
    policy = configured.autonomy(home(tmp_path).sound().autonomy).policies["letters"]
    assert policy.ask == Ask("mail", "https://ops.example")
    assert policy.remind == timedelta(days=1)
    assert policy.escalate == Escalation(timedelta(days=2), frozenset({"elif"}))


@pytest.mark.parametrize(("day", "away"), [(1, False), (2, True), (9, True), (10, False)])
def test_out_of_office_counts_its_first_and_last_day(tmp_path, day, away):
    ayse = configured.people(home(tmp_path).sound().people)["ayse"]
    assert ayse.is_away(date(2026, 3, day)) is away


@pytest.mark.parametrize(
    ("people", "policies", "code"),
    [
        (PEOPLE.replace("2026-03-09", "2026-02-30"), POLICIES, "wrong-type"),
        (PEOPLE, POLICIES.replace("source: mail", "source: post"), "unknown-source"),
        (PEOPLE, POLICIES.replace("to: [elif]", "to: [nobody]"), "unknown-person"),
        (PEOPLE, POLICIES.replace("by: mail", "by: pigeon"), "wrong-type"),
        (PEOPLE, POLICIES.replace("remind: P1D", "quorum: 0"), "wrong-type"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, people, policies, code):
    [problem] = home(tmp_path, people, policies).problems
    assert problem.code == code
    assert problem.place is not None
    assert problem.place.line > 0
