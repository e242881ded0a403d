import pytest

from engine.rules import load_home
from engine.source import Problem
from evals.diff.git import GitFault, Repository, UnknownRevision

RULES = "rules/reminders/ruleset.yaml"


def test_a_revision_is_read_as_the_folder_was(repo):
    on_disk = load_home(repo.home).revision
    repo.edit(RULES, "P7D", "P9D")
    read = load_home(Repository(repo.home).revision("HEAD"))
    assert not read.problems
    assert read.revision == on_disk != load_home(repo.home).revision


def test_a_home_below_the_root_of_its_repository_is_read_too(repo):
    (repo.home / "acme").mkdir()
    for name in ("config", "mappings", "rules"):
        (repo.home / name).rename(repo.home / "acme" / name)
    repo.commit("a folder of its own")
    assert not load_home(Repository(repo.home / "acme").revision("main")).problems


def test_what_is_no_revision_says_so(repo, tmp_path):
    for name in ("nothing", "--help", "HEAD:config"):
        with pytest.raises(UnknownRevision, match="no revision"):
            Repository(repo.home).resolve(name)
    (tmp_path / "bare").mkdir()
    with pytest.raises(GitFault, match="not a git repository"):
        Repository(tmp_path / "bare").resolve("HEAD")


def test_links_are_followed_within_the_home_and_nowhere_else(repo):
    target = repo.home / RULES
    target.rename(target.with_name("real.yaml"))
    target.symlink_to("real.yaml")
    (repo.home / "config" / "people.yaml").unlink()
    (repo.home / "config" / "people.yaml").symlink_to("../../outside.yaml")
    (repo.home / "config" / "models.yaml").unlink()
    (repo.home / "config" / "models.yaml").symlink_to("models.yaml")
    revision = Repository(repo.home).revision(repo.commit())
    assert b"late" in revision.read(RULES)
    codes = [revision.read(f"config/{name}.yaml") for name in ("people", "models")]
    assert [each.code for each in codes if isinstance(each, Problem)] == ["outside-home", "unreadable-file"]


def test_a_huge_file_is_refused_without_being_read(repo):
    (repo.home / RULES).write_text("x" * 1_000_001)
    problem = Repository(repo.home).revision(repo.commit()).read(RULES)
    assert isinstance(problem, Problem)
    assert problem.code == "file-too-large"


def test_a_branch_that_moves_while_it_is_read_does_no_harm(repo):
    repository = Repository(repo.home)
    first = repository.resolve("main")
    repo.edit(RULES, "P7D", "P9D")
    repo.git("commit", "-q", "-a", "--amend", "-m", "forced")
    assert b"P7D" in repository.revision(first).read(RULES)


def test_a_commit_tells_who_wrote_and_who_approved_it(repo):
    repo.edit(RULES, "P7D", "P9D")
    commit = Repository(repo.home).commit(repo.commit("Later\n\nReviewed-by: Grace Hopper <grace@example.org>\n"))
    assert commit.author == "Ada Byron <ada@example.org>"
    assert commit.named("reviewed-by", "Approved-by") == ("Grace Hopper <grace@example.org>",)
    assert set(Repository(repo.home).blame(commit.id, RULES)) == {"Ada Byron <ada@example.org>"}
