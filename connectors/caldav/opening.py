"""Opening a calendar source; what reads iCalendar is an extra, and imported only here."""

from collections.abc import Iterator

from connectors.caldav.settings import CaldavSource
from connectors.settings import Surroundings
from engine.ports import Connector
from engine.source import ConfigError, Place, Problem


def open_caldav(name: str, settings: CaldavSource, surroundings: Surroundings) -> Connector:
    """Make the connector; it connects on first use. Raises ConfigError with every contradiction."""
    if problems := tuple(_problems(name, settings)):
        raise ConfigError(problems)
    try:
        from connectors.caldav.connector import CaldavConnector
    except ImportError as error:
        message = f"calendars need {error.name}: install opslayer[caldav]"
        raise ConfigError((Problem("missing-extra", message, Place(f"sources.{name}")),)) from error
    return CaldavConnector(name, settings, surroundings)


def _problems(name: str, settings: CaldavSource) -> Iterator[Problem]:
    for stream, each in settings.streams.items():
        place = Place(f"sources.{name}.streams.{stream}")
        if bool(each.path) == bool(each.ics):
            yield Problem("bad-setting", "a calendar is at a `path` of the server, or a file at `ics`", place)
        elif each.path and not settings.url:
            yield Problem("bad-setting", "a calendar at a `path` needs the `url` of its server", place)
    for operation, one in settings.operations.items():
        place = Place(f"sources.{name}.operations.{operation}")
        if not settings.url:
            yield Problem("bad-setting", "writing needs the `url` of a server", place)
        if (one.do == "update") != bool(one.key):
            yield Problem("bad-setting", "an update names its record by `key`, and nothing else does", place)
