"""Where a home folder keeps its database, the anchor of its journal and the key of its secrets."""

import contextlib
import os
import secrets
from pathlib import Path

from engine.rules.home import Home
from engine.settings.values import resolve


def anchor_of(folder: Path, home: Home) -> Path:
    """Return the file outside the database where the head of the chain is told."""
    return folder / resolve(home.app.journal.anchor, os.environ)


def database_url(folder: Path, home: Home) -> str:
    """Return the database's address; a relative SQLite path is below the home folder, which is made where missing."""
    url = resolve(home.app.database, os.environ)
    scheme, _, path = url.partition(":///")
    if scheme == "sqlite" and path and not Path(path).is_absolute():
        file = (folder / path).resolve()
        file.parent.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{file}"
    return url


def is_there(url: str) -> bool:
    """Whether the embedded database has been made; one on a server answers for itself."""
    return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).is_file()


def secret_of(folder: Path, home: Home) -> bytes:
    """Return the key that wraps persons' keys: from the environment, else from a file only the owner can read."""
    given = resolve(home.app.secret_key, os.environ) if home.app.secret_key is not None else ""
    if given:
        return str(given).encode()
    file = folder / ".opslayer" / "secret.key"
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        whole = file.with_name(f"secret.{secrets.token_hex(4)}.tmp")
        with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(secrets.token_bytes(32))
            handle.flush()
            os.fsync(handle.fileno())
        with contextlib.suppress(FileExistsError):  # another process was faster
            os.link(whole, file)
        whole.unlink()
    return file.read_bytes()
