"""Writing to one SQLite file from several processes, each in its turn.

SQLite lets whoever asks at the right moment write, so that one who waits can be passed by for ever. Here whoever is
next holds a lock on a file beside the database while it waits; all others stand behind it. A process that dies lets
go of both.
"""

import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Final

PATIENCE: Final = 20.0
"""Seconds for which a writer waits for others before it says that the database is locked."""
_PAUSE: Final = 0.001


@contextmanager
def turn(database: Path, patience: float = PATIENCE) -> Iterator[float]:
    """Be the next who writes inside the block, or give up waiting; yields until when patience lasts."""
    until = monotonic() + patience
    try:
        queue = database.with_name(f"{database.name}-turn").open("ab")
    except OSError:  # a folder that may not be written; what is asked of the database says so better
        yield until
        return
    with queue:
        patient(lambda: fcntl.flock(queue, fcntl.LOCK_EX | fcntl.LOCK_NB), until)
        yield until


def patient(work: Callable[[], object], until: float) -> bool:
    """Try until nobody is in the way; False when somebody still is at that moment, or when something else is wrong."""
    while True:
        try:
            work()
        except BlockingIOError:
            pass
        except sqlite3.OperationalError as fault:
            if not busy(fault):
                return False
        else:
            return True
        if monotonic() >= until:
            return False
        sleep(_PAUSE)


def busy(fault: sqlite3.OperationalError) -> bool:
    """Whether another program is in the way."""
    return fault.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
