import subprocess
from pathlib import Path

import pytest

from api.starter import write_home
from engine.rules import load_home
from engine.source import Memory

WHO = {"GIT_AUTHOR_NAME": "Ada Byron", "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_COMMITTER_NAME": "Ada Byron"}
WHO |= {"GIT_COMMITTER_EMAIL": "ada@example.org", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}


class Repo:
    """A home folder in a git repository of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, **environment: str) -> str:
        import os

        done = subprocess.run(
            ["git", "-C", str(self.home), *arguments],
            capture_output=True, text=True, check=True, env={**os.environ, **WHO, **environment},
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self, message: str = "change", **environment: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message, **environment)
        return self.git("rev-parse", "HEAD")

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.home / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def repo(tmp_path) -> Repo:
    write_home(tmp_path / "home")
    repo = Repo(tmp_path / "home")
    (repo.home / ".gitignore").write_text(".opslayer/\n")
    repo.commit("the first rules")
    return repo


@pytest.fixture
def starter(tmp_path):
    """Load the starter's home with some replacements in its files."""
    write_home(tmp_path / "starter")
    root = tmp_path / "starter"
    files = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in root.rglob("*") if path.is_file()}

    def load(*edits: tuple[str, str, str], **more: str):
        changed = files | more
        for file, old, new in edits:
            assert old in changed[file]
            changed = changed | {file: changed[file].replace(old, new, 1)}
        return load_home(Memory(changed)).sound()

    return load
