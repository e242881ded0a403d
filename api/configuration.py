"""What may be asked of the configuration: what is in force, where it came from, what was refused and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from api.bundles.comparing import Compared, Failed
from api.outcomes import Bundle, Checked, Refused
from api.views import Actor
from engine.source.problem import Problem


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """The branch that is followed and what became of its last commit.

    `commit` was put in force or refused at `at`, for `problems`; `unreachable` says why the branch cannot be read now.
    """

    branch: str
    remote: str = ""
    commit: str = ""
    subject: str = ""
    revision: str = ""
    state: Literal["none", "in-force", "refused"] = "none"
    at: datetime | None = None
    problems: tuple[Problem, ...] = ()
    unreachable: str = ""


class InForce(msgspec.Struct, frozen=True, kw_only=True):
    """What rules: `bundle` is empty while the files in the folder do."""

    revision: str
    bundle: str = ""
    since: datetime | None = None
    by: str = ""
    commit: str = ""
    author: str = ""
    approvers: tuple[str, ...] = ()
    note: str = ""
    files: tuple[str, ...] = ()
    followed: Followed | None = None


class ConfigChange(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the configuration's history: what took over, or was refused and why."""

    seq: int
    at: datetime
    kind: Literal["activated", "refused"]
    by: str
    revision: str = ""
    bundle: str = ""
    commit: str = ""
    author: str = ""
    approvers: tuple[str, ...] = ()
    note: str = ""
    why: tuple[str, ...] = ()


class BundleFiles(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle with its texts by path and who wrote each rule's lines."""

    id: str
    revision: str
    commit: str = ""
    author: str = ""
    subject: str = ""
    approvers: tuple[str, ...] = ()
    authors: Mapping[str, tuple[str, ...]] = {}
    files: Mapping[str, str] = {}


class Configuration(Protocol):
    """The part of api.facade.Layer that governs the configuration."""

    async def check(self) -> Checked:
        """Compile the home folder's configuration as it is on disk and collect its faults."""
        ...

    async def bundles(self) -> tuple[Bundle, ...]:
        """Return the known revisions, newest first."""
        ...

    async def load_bundle(self, note: str, actor: Actor) -> Bundle | Refused:
        """Make a bundle of what is on disk; Refused with its faults."""
        ...

    async def upload_bundle(self, content: bytes, note: str, actor: Actor) -> Bundle | Refused:
        """Keep a bundle's archive, without activating it; Refused when it is not whole."""
        ...

    async def activate_bundle(self, id: str, actor: Actor) -> Bundle | Refused | None:
        """Let a bundle rule from the next input on; None when unknown, Refused for faults, or when one was faster."""
        ...

    async def rollback_bundle(self, actor: Actor) -> Bundle | Refused:
        """Let the revision rule that was in force before; Refused when there was none."""
        ...

    async def release_bundle(self, actor: Actor) -> Bundle | Refused:
        """Let the files in the folder rule again instead of a bundle; Refused when they do, or have faults."""
        ...

    async def bundle(self, id: str) -> BundleFiles | Refused | None:
        """Return a bundle with its texts; None when unknown, Refused when its archive is broken."""
        ...

    async def compare(
        self, base: str, head: str = "", *, period: str = "", examples: int = 5, form: str = "json"
    ) -> Compared | Failed:
        """Compare two revisions over the journal: of git, `bundle:ID`, `in-force`, "" for the files in the folder."""
        ...

    async def in_force(self) -> InForce:
        """Return what rules, since when, by whose word, and what became of the branch that is followed."""
        ...

    async def followed(self) -> Followed | None:
        """Return what became of the followed branch's last commit, None when none is followed."""
        ...

    async def config_file(self, path: str) -> str | None:
        """Return the text of a file of the configuration in force, None when it has no such file."""
        ...

    async def config_history(self, limit: int = 50) -> tuple[ConfigChange, ...]:
        """Return what took over and what was refused, newest first."""
        ...

    async def check_files(self, files: Mapping[str, str]) -> Checked:
        """Check texts by their paths as if they stood among the files in force; nothing is kept."""
        ...
