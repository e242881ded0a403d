"""The templates of templates/ci, run as their systems would run them, on a real repository."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from api.starter import write_home

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
RULES = "rules/reminders/ruleset.yaml"

EARLY = """
  - name: nothing is said on the fourth day
    at: 2026-03-01T09:00:00+03:00
    given:
      customer:
        - {id: C1, name: Acme}
      invoice:
        - {id: I1, number: I1, customer: C1, amount: 100, due_date: 2026-02-25}
    then:
      - nothing: true
"""


def template(name):
    return YAML(typ="safe").load((ROOT / "templates" / "ci" / name).read_text("utf-8"))


class Checkout:
    """A clone of a company's repository, on a branch with a change."""

    def __init__(self, folder):
        self.origin, self.folder = folder / "origin", folder / "clone"
        write_home(self.origin)
        self.run("git init -q -b main && git add -A && git commit -q -m first", self.origin)
        self.run(f"git clone -q {self.origin} {self.folder}", folder)
        self.run("git checkout -q -b change", self.folder)
        self.edit("P7D", "P6D", RULES)
        self.edit(
            "- nothing: true", f"- propose: late/remind for customer:C1\n{EARLY}", "rules/reminders/examples.yaml"
        )

    def edit(self, old, new, file=RULES):
        path = self.folder / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    def run(self, script, folder=None, **environment):
        who = {
            f"GIT_{role}_{part}": "ada@example.org" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")
        }
        outside = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        return subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script], cwd=folder or self.folder, capture_output=True, text=True,
            env={**outside, **who, "PATH": f"{BIN}:{os.environ['PATH']}", **environment}, check=False,
        )  # fmt: skip


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


def test_the_github_workflow_ends_well_and_writes_the_summary(checkout, tmp_path):
    steps = template("github.yml")["jobs"]["configuration"]["steps"]
    given = {"BASE": "origin/main", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    for step in steps:
        if "run" in step and "pip install" not in step["run"]:
            done = checkout.run(step["run"], GITHUB_WORKSPACE=str(checkout.folder), **given)
            assert done.returncode == 0, done.stdout + done.stderr
    summary = (tmp_path / "summary.md").read_text("utf-8")
    assert "`when` threshold" in summary
    assert "| reminders/late/remind |" in summary


def test_the_github_workflow_fails_on_a_fault_and_shows_its_line(checkout):
    checkout.edit("oldest_due !=", "oldest_dew !=")
    steps = template("github.yml")["jobs"]["configuration"]["steps"]
    check = next(step["run"] for step in steps if "check" in step.get("run", ""))
    done = checkout.run(check, GITHUB_WORKSPACE=str(checkout.folder))
    assert done.returncode == 1
    assert f"::error file={RULES},line=12," in done.stdout


def test_the_gitlab_job_ends_well_and_leaves_a_page(checkout):
    for line in template("gitlab.yml")["opslayer"]["script"]:
        done = checkout.run(line, CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main")
        assert done.returncode == 0, done.stdout + done.stderr
    assert "<td>reminders/late/remind</td>" in (checkout.folder / "opslayer-diff.html").read_text("utf-8")


def test_pre_commit_lets_good_rules_in_and_keeps_faulty_ones_out(checkout, tmp_path):
    text = (ROOT / "templates" / "ci" / "pre-commit-config.yaml").read_text("utf-8")
    (checkout.folder / ".pre-commit-config.yaml").write_text(text, "utf-8")
    cache = {"PRE_COMMIT_HOME": str(tmp_path / "cache")}
    assert checkout.run("pre-commit install", **cache).returncode == 0
    good = checkout.run("git add -A && git commit -m good", **cache)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "opslayer check" in good.stdout + good.stderr
    checkout.edit("oldest_due !=", "oldest_dew !=")
    bad = checkout.run("git add -A && git commit -m bad", **cache)
    assert bad.returncode == 1
    assert "did you mean `oldest_due`" in bad.stdout + bad.stderr
    assert checkout.run("git log --format=%s -1", **cache).stdout.strip() == "good"
