import subprocess

import pytest

RULES = "rules/reminders/ruleset.yaml"


@pytest.fixture
def repo(home):
    def git(*arguments):
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        subprocess.run(["git", "-C", str(home), *who, *arguments], check=True, capture_output=True)

    (home / ".gitignore").write_text(".opslayer/\ndata/\n")
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-q", "-m", "the first rules")
    return git


@pytest.fixture
def later(repo, home):
    """A threshold of nine thousand days instead of seven."""
    file = home / RULES
    file.write_text(file.read_text().replace("P7D", "P9000D"))


def test_nothing_changed_is_0_and_makes_no_database(call, repo, home):
    done = call("diff", "main")
    assert (done.code, "nothing changed" in done.out) == (0, True)
    assert not (home / ".opslayer" / "opslayer.db").exists()


def test_decisions_of_the_journal_that_would_vanish_are_1(call, repo, later, home):
    file = home / RULES
    new = file.read_text()
    file.write_text(new.replace("P9000D", "P7D"))
    assert call("sync").code == 0
    file.write_text(new)
    done = call("--json", "diff", "main")
    assert done.code == 1
    found = done.json()["behaviour"]["tallies"]
    assert [(each["rule"], each["kind"], each["effect"], each["count"]) for each in found] == [
        ("reminders/late", "propose", "vanishes", 2)
    ]
    assert 'threshold "P7D" -> "P9000D"' in done.err
    assert call("diff", "main", "main").code == 0
    assert call("diff", "main", "--period", "2001-01-01..2001-12-31").code == 0


@pytest.mark.parametrize(
    ("form", "mark"),
    [("markdown", "| reminders/late/remind | proposal | vanishes | 1 |"), ("html", "<td>reminders/late/remind</td>")],
)
def test_a_case_set_is_compared_and_rendered(call, repo, later, home, form, mark):
    done = call("diff", "main", "--cases", str(home / "rules/reminders/examples.yaml"), "--format", form)
    assert done.code == 1
    assert mark in done.out


def test_a_revision_with_faults_says_which(call, repo, home):
    file = home / RULES
    file.write_text(file.read_text().replace("oldest_due !=", "oldest_dew !="))
    done = call("diff", "main")
    assert done.code == 1
    assert "did you mean `oldest_due`" in done.out


def test_what_is_no_revision_or_no_period_is_wrong_usage(call, repo, home):
    assert call("diff", "nothing").code == 2
    assert call("diff", "main", "--period", "yesterday").code == 2


def test_a_folder_without_git_cannot_be_compared(call):
    assert call("diff", "main").code == 3
