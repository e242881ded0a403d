"""Where the running process writes: everything into a file, one line for each warning on stderr."""

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG = "opslayer.log"
_FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _Short(logging.Formatter):
    def formatException(self, ei: object) -> str:  # noqa: ARG002, N802  (logging's names)
        """Leave the traceback to the file."""
        return ""

    def format(self, record: logging.LogRecord) -> str:
        """Return the first line, with the kind of error in place of its traceback."""
        error = record.exc_info[1] if record.exc_info else None
        line = f"{record.levelname.lower()}: {record.getMessage().partition(chr(10))[0]}"
        return f"{line} ({type(error).__name__}, see {LOG})" if error else line


def log_folder(home: Path) -> Path:
    """Return the folder for logs of a home, made when it is missing."""
    folder = home / ".opslayer"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def configure(home: Path) -> Path:
    """Let the process log into the home's `.opslayer/opslayer.log`; returns that path."""
    path = log_folder(home) / LOG
    whole = RotatingFileHandler(path, maxBytes=10_000_000, backupCount=5, encoding="utf-8")
    whole.setFormatter(logging.Formatter(_FORM))
    whole.setLevel(logging.INFO)
    short = logging.StreamHandler(sys.stderr)
    short.setFormatter(_Short())
    short.setLevel(logging.WARNING)
    logging.basicConfig(level=logging.INFO, handlers=[whole, short], force=True)
    for noisy in ("httpx", "apscheduler", "aiosqlite"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return path
