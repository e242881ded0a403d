"""Where the running process writes: everything into a file, one line for each warning on stderr, or JSON lines there.

Nothing of value is written: secrets of the environment, addresses of mail and numbers as long as an account's are
blotted out of every line, tracebacks included.
"""

import logging
import os
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final, Literal

import msgspec

LOG: Final = "opslayer.log"
Form = Literal["text", "json"]
_FORM: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_SECRET: Final = re.compile(r"KEY|TOKEN|SECRET|PASS|_PWD|CREDENTIAL|DSN|DATABASE_URL", re.IGNORECASE)
_BLOTS: Final = (
    (re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+"), "<mail>"),
    (re.compile(r"(?i)(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 <secret>"),
    (re.compile(r"(\w+://)[^\s/@]+@"), r"\1<secret>@"),
    (re.compile(r"(https?://[^\s?#'\"]+)[?#][^\s'\"]*"), r"\1?<query>"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){3,}(?: ?[0-9A-Z]{1,3})?\b"), "<number>"),
    (re.compile(r"(?<![\w.])(?!\d{4}-\d\d-\d\d)\+?\d(?:[ -]?\d){9,}"), "<number>"),
)
_CONTROLS: Final = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}
"""What would move a terminal's cursor or end a line unseen."""
_SHORT: Final = 6
"""A shorter value of the environment is no secret, and blotting it out would hide everything."""


class Blotter:
    """Takes out of a text what no log may hold."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        named = {value for name, value in environment.items() if _SECRET.search(name) and len(value) >= _SHORT}
        self._secrets = sorted(named, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return the text with secrets, addresses and long numbers blotted out."""
        for secret in self._secrets:
            text = text.replace(secret, "<secret>")
        for pattern, blot in _BLOTS:
            text = pattern.sub(blot, text)
        return text


def _plain(said: str) -> str:
    """Return a message of which no line looks like another message's first."""
    return said.translate(_CONTROLS).replace("\n", "\n    ")


class _Blotted(logging.Formatter):
    def __init__(self, blot: Blotter) -> None:
        super().__init__(_FORM)
        self._blot = blot

    def formatException(self, ei: object) -> str:  # noqa: N802  (logging's name)
        """Return the traceback, blotted."""
        return self._blot(super().formatException(ei))  # type: ignore[arg-type]  # (logging's own tuple)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line with its time, level and origin as they are, and what is said blotted."""
        record = logging.makeLogRecord(vars(record) | {"msg": _plain(self._blot(record.getMessage())), "args": ()})
        return super().format(record)


class _Short(_Blotted):
    def format(self, record: logging.LogRecord) -> str:
        """Return the first line, with the kind of error in place of its traceback."""
        error = record.exc_info[1] if record.exc_info else None
        line = f"{record.levelname.lower()}: {_plain(self._blot(record.getMessage())).partition(chr(10))[0]}"
        return f"{line} ({type(error).__name__}, see {LOG})" if error else line


class _Lines(_Blotted):
    def format(self, record: logging.LogRecord) -> str:
        """Return one JSON object, for what collects the output of containers."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = {"at": at, "level": record.levelname.lower(), "from": record.name}
        said["message"] = self._blot(record.getMessage())
        if record.exc_info and record.exc_info[0] is not None:
            said |= {"error": record.exc_info[0].__name__, "trace": self.formatException(record.exc_info)}
        return msgspec.json.encode(said).decode()


def log_folder(home: Path) -> Path:
    """Return the folder for logs of a home, made when it is missing."""
    folder = home / ".opslayer"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def configure(home: Path, form: Form = "text") -> Path | None:
    """Let the process log into the home's `.opslayer/opslayer.log`, whose path is returned, or as JSON on stderr."""
    blot = Blotter(os.environ)
    told = logging.StreamHandler(sys.stderr)
    told.setFormatter(_Lines(blot) if form == "json" else _Short(blot))
    told.setLevel(logging.INFO if form == "json" else logging.WARNING)
    handlers: list[logging.Handler] = [told]
    path = None
    if form == "text":
        path = log_folder(home) / LOG
        whole = RotatingFileHandler(path, maxBytes=10_000_000, backupCount=5, encoding="utf-8")
        whole.setFormatter(_Blotted(blot))
        whole.setLevel(logging.INFO)
        handlers.append(whole)
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
    for noisy in ("httpx", "aiosqlite", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return path
