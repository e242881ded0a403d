import os
import subprocess

import pytest

from api.bundles.building import from_git
from api.starter import write_home
from api.views import Actor


class Repo:
    """A home folder in a git repository of its own."""

    def __init__(self, home):
        self.home = home
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments):
        command = ["git", "-C", str(self.home), "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *arguments]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.strip()

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def edit(self, old, new, file="rules/reminders/ruleset.yaml"):
        path = self.home / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    def later(self, days, message="Later"):
        """Return the bundle of a branch with another threshold; the folder stays as it is."""
        self.git("checkout", "-q", "-B", "later")
        self.edit("P7D", f"P{days}D")
        self.commit(message)
        content = from_git(self.home, "later")
        self.git("checkout", "-q", "main")
        return content


@pytest.fixture
def repo(tmp_path):
    write_home(tmp_path / "home")
    (tmp_path / "home" / ".gitignore").write_text(".opslayer/\ndata/\n")
    (tmp_path / "home" / "rules" / "reminders" / "examples.yaml").unlink()
    repo = Repo(tmp_path / "home")
    repo.commit("the first rules")
    return repo


@pytest.fixture
def admin():
    return Actor(id="grace", roles=frozenset({"admin"}), channel="api")
