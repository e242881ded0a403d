"""Revisions of a home folder, read through the git command line; nothing is checked out."""

import os
import posixpath
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from engine.source.folder import MAX_BYTES, Memory
from engine.source.problem import Place, Problem

_WATCHED = ("config", "mappings", "rules")
_LINK, _MODULE = "120000", "160000"
_LINKS = 8
APPROVALS = ("Reviewed-by", "Approved-by")
"""The trailers of a commit by which a person answers for it."""
_OURS = ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS")
"""What of git's environment is the company's choice; a hook sets the rest for its own repository."""
_SECONDS = 120
_TRAILER = re.compile(r"^(?P<key>[A-Za-z][A-Za-z-]*):[ ]*(?P<value>.+)$")


class GitFault(Exception):
    """Git cannot answer; the message is what it said."""


class UnknownRevision(GitFault):
    """The repository has no such revision."""


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """One commit; `trailers` are the `Key: value` lines at its end, `at` is ISO 8601."""

    id: str
    author: str
    at: str
    subject: str
    trailers: tuple[tuple[str, str], ...] = ()

    def named(self, *keys: str) -> tuple[str, ...]:
        """Return the values of trailers, e.g. of `Reviewed-by`."""
        wanted = {key.casefold() for key in keys}
        return tuple(value for key, value in self.trailers if key.casefold() in wanted)


class Landed(msgspec.Struct, frozen=True, kw_only=True):
    """One change as it came onto a branch: who wrote it, and who let it in, by a trailer or by merging it."""

    commit: Commit
    authors: frozenset[str]
    approvers: frozenset[str]


class Revision(Memory):
    """engine.source.Tree of one commit; a link within the home is followed, one that leads out of it is refused."""

    def __init__(
        self, commit: str, files: Mapping[str, bytes], links: Mapping[str, str], large: Mapping[str, int]
    ) -> None:
        super().__init__({**files, **dict.fromkeys((*links, *large), b"")})
        self.commit = commit
        self.files = files
        self._links = links
        self._large = large

    def read(self, file: str) -> bytes | Problem:
        """Return the content of a file, or why it cannot be had."""
        for _ in range(_LINKS):
            if file in self._large:
                message = f"this file has {self._large[file]:,} bytes; at most {MAX_BYTES:,} are read"
                return Problem("file-too-large", message, Place(file))
            if file not in self._links:
                return super().read(file)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(file), self._links[file]))
            if target.startswith(("..", "/")):
                return Problem("outside-home", "this link leads out of the home folder", Place(file))
            file = target
        return Problem("unreadable-file", "its symbolic links lead in a circle", Place(file))


class Repository:
    """The git repository that a home folder is in."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def resolve(self, revision: str) -> str:
        """Return the id of the commit that a revision names; raises GitFault."""
        self._git("rev-parse", "--git-dir")
        try:
            return self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        except GitFault as fault:
            raise UnknownRevision(f"there is no revision {revision!r} in the repository of {self.home}") from fault

    def revision(self, name: str) -> Revision:
        """Read the home's files as of a revision; the name is resolved once, so a moving branch does no harm."""
        commit = self.resolve(name)
        listed = self._git_bytes("ls-tree", "-r", "-z", "--long", commit, "--", *_WATCHED)
        plain, links, large = [], [], {}
        for mode, size, object, file in _entries(listed):
            if mode == _MODULE:
                continue
            if mode == _LINK:
                links.append((object, file))
            elif size > MAX_BYTES:
                large[file] = size
            else:
                plain.append((object, file))
        contents = self._blobs([object for object, _ in (*plain, *links)])
        files = dict(zip((file for _, file in plain), contents, strict=False))
        targets = (content.decode("utf-8", "replace") for content in contents[len(plain) :])
        return Revision(commit, files, dict(zip((file for _, file in links), targets, strict=True)), large)

    def commit(self, name: str) -> Commit:
        """Tell of one commit; raises GitFault."""
        shown = self._git(
            "show", "-s", "--format=%H%x00%an <%ae>%x00%aI%x00%s%x00%(trailers:only,unfold)", self.resolve(name)
        )
        id, author, at, subject, trailers = shown.split("\0", 4)
        found = tuple(
            (match["key"], match["value"].strip()) for line in trailers.splitlines() if (match := _TRAILER.match(line))
        )
        return Commit(id=id, author=author, at=at, subject=subject, trailers=found)

    def fetched(self, branch: str, remote: str = "") -> str:
        """Return the commit at which a branch stands, fetched from a remote when one is named; raises GitFault.

        What is fetched is kept below a ref of our own: no branch, no file and no index of the folder is touched.
        """
        if not remote:
            return self.resolve(f"refs/heads/{branch}")
        kept = f"refs/opslayer/{branch}"
        self._git(
            "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--", remote, f"+refs/heads/{branch}:{kept}"
        )
        return self.resolve(kept)

    def landed(self, base: str, tip: str) -> tuple[Landed, ...]:
        """Return each change of the home's files from `base` ("": the last one alone) to `tip`, oldest first.

        A change is a commit of the first-parent line; one that was merged counts with all commits that it brought.
        """
        if base:
            common = self._git("merge-base", base, tip)
            listed = self._git("rev-list", "--first-parent", "--reverse", f"{common}..{tip}", "--", *_WATCHED).split()
        else:
            listed = self._git("rev-list", "--first-parent", "-n", "1", tip, "--", *_WATCHED).split()
        return tuple(map(self._landed, listed))

    def _landed(self, id: str) -> Landed:
        commit = self.commit(id)
        first, *others = self._git("rev-list", "--parents", "-n", "1", id).split()[1:] or [""]
        brought = [self.commit(each) for each in self._git("rev-list", f"{first}..{id}" if first else id).split()]
        wrote = {each.author for each in brought if not others or each.id != id}
        approved = {person for each in brought for person in each.named(*APPROVALS)}
        return Landed(
            commit=commit,
            authors=frozenset(wrote),
            approvers=frozenset(approved | ({commit.author} if others else set())),
        )

    def blame(self, commit: str, file: str) -> list[str]:
        """Return for each line of a file who wrote it, as `Name <address>`."""
        told = self._git_bytes("blame", "--line-porcelain", commit, "--", file).decode("utf-8", "replace")
        authors, name = [], ""
        for line in told.split("\n"):
            if line.startswith("author "):
                name = line.removeprefix("author ")
            elif line.startswith("author-mail "):
                authors.append(f"{name} {line.removeprefix('author-mail ')}")
        return authors

    def _blobs(self, objects: list[str]) -> list[bytes]:
        answer = self._git_bytes("cat-file", "--batch", given="".join(f"{each}\n" for each in objects).encode())
        found, at = [], 0
        for _ in objects:
            end = answer.index(b"\n", at)
            told = answer[at:end].rsplit(b" ", 1)[1]
            if not told.isdigit():
                raise GitFault("the repository lost objects of this revision while it was read")
            size = int(told)
            found.append(answer[end + 1 : end + 1 + size])
            at = end + size + 2
        return found

    def _git(self, *arguments: str) -> str:
        return self._git_bytes(*arguments).decode("utf-8", "replace").strip("\n")

    def _git_bytes(self, *arguments: str, given: bytes = b"") -> bytes:
        outside = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _OURS}
        environment = {**outside, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        command = ["git", "-C", str(self.home), *arguments]
        try:
            done = subprocess.run(  # noqa: S603  (no shell)
                command, input=given, capture_output=True, check=False, env=environment, timeout=_SECONDS
            )
        except subprocess.TimeoutExpired as error:
            raise GitFault(f"git {arguments[0]} did not end within {_SECONDS} seconds") from error
        except OSError as error:
            raise GitFault(f"git cannot be started: {error.strerror or error}") from error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()
            raise GitFault(said.partition("\n")[0] or f"git {arguments[0]} failed")
        return done.stdout


def _entries(listed: bytes) -> Iterator[tuple[str, int, str, str]]:
    for entry in filter(None, listed.split(b"\0")):
        facts, _, file = entry.partition(b"\t")
        mode, _, object, size = facts.decode().split()
        yield mode, int(size) if size.isdigit() else 0, object, file.decode("utf-8", "replace")
