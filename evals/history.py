"""The past of files as records in order of the moment at which each was known."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.files.connector import FilesConnector
from connectors.registry import open_connector
from connectors.settings import Surroundings
from engine.events import Record
from engine.ports import Clock, Rejected
from engine.rules import Home
from engine.settings.values import resolved
from engine.source.problem import ConfigError, Problem

Moment = tuple[datetime, Record]


async def read_history(
    folder: Path, home: Home, paths: Mapping[str, Path], clock: Clock
) -> tuple[list[Moment], list[Rejected]]:
    """Return what the sources told and when, in order, and what could not be used; raises ConfigError, SourceDown."""
    surroundings = Surroundings(home=folder, clock=clock, zone=ZoneInfo(home.app.timezone))
    moments: list[Moment] = []
    rejected: list[Rejected] = []
    for name, path in paths.items():
        connector = _open(home, name, path, surroundings)
        for stream in connector.streams:
            moments += await connector.history(stream)
            async for page in connector.read(stream, ""):
                rejected += page.rejected
    moments.sort(key=lambda moment: moment[0])
    return moments, rejected


def _open(home: Home, name: str, path: Path, surroundings: Surroundings) -> FilesConnector:
    source = home.sources.sources.get(name)
    if source is None:
        hint = f"Sources are {', '.join(home.sources.sources)}."
        raise ConfigError((Problem("unknown-source", f"there is no source `{name}`", hint=hint),))
    options: dict[str, Any] = {**resolved(source.options, {}), "path": str(path.resolve())}
    connector = open_connector(name, options, surroundings)
    if not isinstance(connector, FilesConnector):
        raise ConfigError((Problem("no-history", f"`{name}` is no source of files", source.place),))
    return connector


def span(moments: Sequence[Moment]) -> tuple[datetime, datetime]:
    """Return the first and the last moment; raises ValueError when there is none."""
    return moments[0][0], moments[-1][0]
