"""The bundles that a home keeps: files named by their id, never changed."""

import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from engine.bundles import Bundle, unpack
from engine.source.problem import Problem


class Library:
    """The folder .opslayer/bundles of a home."""

    def __init__(self, home: Path) -> None:
        self.folder = home / ".opslayer" / "bundles"

    def put(self, content: bytes) -> Bundle | tuple[Problem, ...]:
        """Keep a bundle that is whole; the same one twice is one."""
        bundle = unpack(content)
        if isinstance(bundle, Bundle):
            self.folder.mkdir(parents=True, exist_ok=True)
            whole = self.folder / f"{bundle.id}.{secrets.token_hex(4)}.tmp"
            try:
                with whole.open("wb") as stream:
                    stream.write(content)
                    stream.flush()
                    os.fsync(stream.fileno())
                whole.replace(self.folder / f"{bundle.id}.tar")
            finally:
                whole.unlink(missing_ok=True)
        return bundle

    def ids(self, prefix: str = "") -> list[str]:
        """Return the ids of what is kept that begin so."""
        return sorted(file.stem for file in self.folder.glob("*.tar") if file.stem.startswith(prefix))

    def get(self, id: str) -> Bundle | tuple[Problem, ...] | None:
        """Return a bundle by its id or an unambiguous beginning of it; problems when its file was tampered with."""
        found = self.ids(id) if id else []
        if len(found) != 1:
            return None
        bundle = unpack((self.folder / f"{found[0]}.tar").read_bytes(), f"{found[0]}.tar")
        if isinstance(bundle, Bundle) and bundle.id != found[0]:
            return (Problem("broken-bundle", f"the bundle kept as {found[0]} is another one"),)
        return bundle

    def since(self, id: str) -> datetime:
        """Return when a bundle was put here."""
        return datetime.fromtimestamp((self.folder / f"{id}.tar").stat().st_mtime, UTC)

    def all(self) -> Iterator[Bundle]:
        """Yield every bundle that is whole."""
        for id in self.ids():
            bundle = self.get(id)
            if isinstance(bundle, Bundle):
                yield bundle
