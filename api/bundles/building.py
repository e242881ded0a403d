"""Bundles built from a git revision or from the files as they are, with the review that let them in."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from engine.bundles import Manifest, pack
from engine.rules import Home, load_home
from engine.rules.files import KINDS, TABLES_AS_CSV
from engine.source import Folder, Memory, Tree
from evals.diff.git import Repository


def from_git(folder: Path, revision: str) -> bytes:
    """Return the bundle of a revision; raises ConfigError when it has faults, GitFault when git cannot answer."""
    repository = Repository(folder)
    tree = repository.revision(revision)
    home = load_home(tree).sound()
    commit = repository.commit(tree.commit)
    (landed,) = repository.landed("", tree.commit) or (None,)
    files = read(tree)
    manifest = Manifest(
        revision=home.revision, files=digests(files), commit=commit.id, author=commit.author, at=commit.at,
        subject=commit.subject, approvers=tuple(sorted(landed.approvers)) if landed else (),
        authors=authors(repository, tree.commit, home),
    )  # fmt: skip
    return pack(manifest, files)


def from_folder(folder: Path, author: str) -> bytes:
    """Return the bundle of the files as they are; raises ConfigError when they have faults."""
    return from_files(read(Folder(folder)), author=author)


def from_files(files: Mapping[str, bytes], *, author: str) -> bytes:
    """Return the bundle of files that no commit vouches for; raises ConfigError when they have faults."""
    home = load_home(Memory(files)).sound()
    return pack(Manifest(revision=home.revision, files=digests(files), author=author), files)


def read(tree: Tree) -> dict[str, bytes]:
    """Return the files that make a home."""
    names = {file for pattern in (*(kind.pattern for kind in KINDS), TABLES_AS_CSV) for file in tree.glob(pattern)}
    contents = {name: tree.read(name) for name in sorted(names)}
    return {name: content for name, content in contents.items() if isinstance(content, bytes)}


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the SHA-256 of each file."""
    return {name: sha256(content).hexdigest() for name, content in files.items()}


def authors(repository: Repository, commit: str, home: Home) -> dict[str, tuple[str, ...]]:
    """Return who wrote the lines of each rule and of the prompts that it drafts with."""
    found: dict[str, tuple[str, ...]] = {}
    for ruleset in home.rulesets.values():
        lines = repository.blame(commit, ruleset.place.file)
        starts = [rule.place.line for rule in ruleset.rules]
        ends = [start - 1 for start in starts[1:]] + [len(lines)]
        for rule, start, end in zip(ruleset.rules, starts, ends, strict=True):
            wrote = set(lines[start - 1 : end])
            for draft in filter(None, (action.draft for action in rule.do)):
                wrote |= set(repository.blame(commit, f"rules/{ruleset.id}/{draft}"))
            found[f"{ruleset.id}/{rule.id}"] = tuple(sorted(wrote))
    return found
