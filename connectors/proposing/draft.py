"""What was understood of a system, and names that mean the same."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

CHANGED = re.compile(r"(modif|updat|chang|last.?(edit|write)|systemmodstamp)", re.IGNORECASE)
MOMENTS = ("datetime", "timestamp", "date-time", "datetimeoffset")


class StreamDraft(msgspec.Struct, frozen=True):
    """One stream: its settings for the connector, and its fields with their types as the system calls them."""

    settings: Mapping[str, Any]
    fields: Mapping[str, str]


class Draft(msgspec.Struct, frozen=True):
    """A manifest in the making; `doubts` are what a person has to look at."""

    settings: Mapping[str, Any]
    streams: Mapping[str, StreamDraft]
    doubts: tuple[str, ...] = ()
    operations: Mapping[str, Any] = {}

    def manifest(self) -> dict[str, Any]:
        """Return the manifest as plain data."""
        return {
            "format": 1,
            **self.settings,
            "streams": {name: {**each.settings} for name, each in self.streams.items()},
            **({"operations": dict(self.operations)} if self.operations else {}),
        }


def words(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case: `LastName`, `last_name` and `last-name` are the same."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return tuple(word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word)


def changed_field(fields: Mapping[str, str]) -> str:
    """Return the field that most likely grows with every change, "" when none does."""
    fitting = [name for name, type in fields.items() if CHANGED.search(name) and type.lower().startswith(MOMENTS)]
    return min(fitting, key=len, default="")


def stream_name(name: str, taken: Iterable[str]) -> str:
    """Return a name for a stream that none of `taken` has."""
    base = "_".join(words(name)) or "stream"
    found, number = base, 2
    while found in set(taken):
        found, number = f"{base}_{number}", number + 1
    return found
