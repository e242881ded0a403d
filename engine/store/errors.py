"""What can go wrong with a database, said so that a person knows what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from engine.ports import StoreUnavailable

__all__ = ["StoreUnavailable", "WrongSecret", "advised", "died", "translated"]

_OURS: Final = (IntegrityError, DataError, ProgrammingError)
"""Faults of the program, not of the database; they are not to be tried again."""

_MAKE_ROOM: Final = "the disk is full; make room, then try again"
_ADVICE: Final = (
    ("is locked", "another program holds the database; end it, or try again"),
    ("disk is full", _MAKE_ROOM),
    ("No space left", _MAKE_ROOM),
    ("SQLITE_IOERR_SHM", _MAKE_ROOM),  # what is shared beside the file found no page
    (
        "readonly database",
        "the database file, or its folder, may not be written; give the user of this program leave to",
    ),
    ("read-only transaction", "this PostgreSQL only reads (a replica?); name the primary in the address"),
    ("unable to open", "the database file cannot be opened; look whether its folder exists and may be written"),
    ("disk I/O", "the disk reports faults; look at the system's log before going on"),
    ("malformed", "the database file is damaged; restore the last backup"),
    ("not a database", "the file is no database; look at the address in the settings"),
    ("password", "PostgreSQL refuses the user or the password; look at the address in the settings"),
    ("pg_hba", "PostgreSQL refuses this user from here; look at its pg_hba.conf"),
    ("does not exist", "PostgreSQL has no such database or table; create it, then run `opslayer migrate-db`"),
    ("no such table", "the tables are missing; run `opslayer migrate-db`"),
    ("too many", "PostgreSQL takes no more connections; raise max_connections, or start fewer processes"),
)
_OTHERWISE: Final = "the database does not answer as it should; look whether it runs, then try again"


_NOT_STORED: Final = "Nothing was stored."
_UNKNOWN: Final = "Whether the last changes were stored is not known; what is repeated is recognised by its id."


class WrongSecret(StoreUnavailable):
    """The secret key is not the one this database was written with; set the right one."""

    def __init__(self) -> None:
        super().__init__(str(self.__doc__))


@contextmanager
def translated(*, committing: bool = False) -> Iterator[None]:
    """Turn a driver's errors into StoreUnavailable; an answer lost while `committing` may have been a yes."""
    try:
        yield
    except _OURS:
        raise
    except DBAPIError as fault:
        stored = _UNKNOWN if committing and fault.connection_invalidated else _NOT_STORED
        name = getattr(fault.orig, "sqlite_errorname", "")
        raise StoreUnavailable(_say(str(fault.orig), stored, name)) from fault
    except OSError as fault:
        raise StoreUnavailable(_say(str(fault), _NOT_STORED)) from fault


def died(fault: StoreUnavailable) -> bool:
    """Whether the connection was lost, rather than something refused."""
    cause = fault.__cause__
    return isinstance(cause, DBAPIError) and cause.connection_invalidated


def advised(fault: Exception) -> str:
    """Return what was told, behind what to do about it where that is known."""
    advice = _advice(str(fault))
    return f"{advice} ({fault})" if advice else str(fault)


def _advice(told: str, name: str = "") -> str:
    signs = (name, told)  # SQLite's name of a fault says more than its words
    return next((advice for said in signs for sign, advice in _ADVICE if sign in said), "")


def _say(told: str, stored: str, name: str = "") -> str:
    advice = _advice(told, name) or _OTHERWISE
    reason = told.splitlines()[0] if told else "no reason given"
    return f"{advice[0].upper()}{advice[1:]}. {stored} ({reason})"
