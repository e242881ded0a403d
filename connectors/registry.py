"""The connectors there are: the name in sources.yaml, the settings it takes, how it is opened."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import msgspec

from connectors.bank.settings import BankSource
from connectors.caldav.settings import CaldavSource
from connectors.files.settings import FilesSource
from connectors.http.settings import HttpSource
from connectors.mail.settings import MailSource
from connectors.odata.settings import OdataSource
from connectors.settings import SourceSettings, Surroundings
from connectors.sql.settings import SqlSource
from connectors.webhook.settings import WebhookSource
from engine.ports import Connector
from engine.source import ConfigError, Place, Problem, stated

if TYPE_CHECKING:
    from connectors.hooks.receiver import Receiver


@dataclass(frozen=True, slots=True)
class Registered:
    """One kind of connector."""

    settings: type[SourceSettings]
    opener: str
    """The function, imported when a source is opened: its drivers take long to load, and to check needs none."""

    def open(self, name: str, settings: SourceSettings, surroundings: Surroundings) -> Connector:
        """Make the connector."""
        module, _, function = self.opener.partition(":")
        return cast("Connector", getattr(import_module(module), function)(name, settings, surroundings))


CONNECTORS: Mapping[str, Registered] = {
    "bank": Registered(BankSource, "connectors.bank.connector:open_bank"),
    "caldav": Registered(CaldavSource, "connectors.caldav.opening:open_caldav"),
    "files": Registered(FilesSource, "connectors.files.connector:open_files"),
    "http": Registered(HttpSource, "connectors.http.connector:open_http"),
    "mail": Registered(MailSource, "connectors.mail.connector:open_mail"),
    "odata": Registered(OdataSource, "connectors.odata.connector:open_odata"),
    "sql": Registered(SqlSource, "connectors.sql.connector:open_sql"),
    "webhook": Registered(WebhookSource, "connectors.webhook.connector:open_webhook"),
}
HOOK = "webhook"
"""The section of a source that says what its system sends."""


def open_connector(name: str, settings: Mapping[str, Any], surroundings: Surroundings) -> Connector:
    """Open the source `name` from its plain settings, environment resolved; raises ConfigError with every fault.

    Nothing is connected before the first read or write. What is sent to a source that is read has its own opening:
    a webhook's secret that is not set keeps nobody from reading.
    """
    if settings.get("connector") != HOOK:
        settings = {key: value for key, value in settings.items() if key != HOOK}
    if problems := check(name, settings):
        raise ConfigError(problems)
    registered = CONNECTORS[settings["connector"]]
    return registered.open(name, msgspec.convert(settings, registered.settings, strict=False), surroundings)


def open_receiver(name: str, settings: Mapping[str, Any], surroundings: Surroundings) -> "Receiver | None":
    """Open the source's webhook, None where it has none; raises ConfigError with every fault."""
    if HOOK not in settings:
        return None
    if problems := check(name, settings):
        raise ConfigError(problems)
    from connectors.hooks.receiver import Receiver

    kind = CONNECTORS[settings["connector"]].settings
    whole = msgspec.convert(settings, kind, strict=False)
    assert whole.webhook is not None
    carried = whole.streams if isinstance(whole, WebhookSource) else {}
    return Receiver(name, whole.webhook, surroundings, carried, str(getattr(whole, "url", "")))


def check(name: str, settings: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Return what is wrong with a source's settings; a place is the path in sources.yaml."""
    kind = str(settings.get("connector", ""))
    if kind not in CONNECTORS:
        message = f"there is no connector {kind!r} (one of {', '.join(sorted(CONNECTORS))})"
        return (Problem(code="unknown-connector", message=message, place=Place(f"sources.{name}.connector")),)
    return faults(settings, CONNECTORS[kind].settings, f"sources.{name}")


def faults(settings: Mapping[str, Any], kind: type[SourceSettings], path: str) -> tuple[Problem, ...]:
    """Return everything that keeps settings from being those of such a source; a place's file is the path."""
    strict = tuple(_strict(settings, kind, path))
    if not strict:
        return ()
    found = stated.faults(settings, kind, path)
    told = {each.place for each in found if each.place}
    return (*found, *(each for each in strict if each.place and not any(_below(each.place, other) for other in told)))


def _strict(settings: Mapping[str, Any], kind: type[SourceSettings], path: str) -> Iterator[Problem]:
    """Yield what msgspec says: one fault of the source itself, and one of each stream and operation."""
    parts = {key: each for key in ("streams", "operations") if isinstance(each := settings.get(key), Mapping)}
    bare = {key: value for key, value in settings.items() if key not in parts}
    yield from _fault(bare, kind, path)
    for key, part in parts.items():
        for name, value in part.items():
            for each in _fault({**bare, key: {name: value}}, kind, path):
                if each.place and each.place.file.startswith(f"{path}.{key}"):
                    yield msgspec.structs.replace(each, place=Place(each.place.file.replace("[...]", f".{name}", 1)))


def _fault(settings: Mapping[str, Any], kind: type[SourceSettings], path: str) -> Iterator[Problem]:
    try:
        msgspec.convert(settings, kind, strict=False)
    except msgspec.ValidationError as error:
        yield _first(str(error), path)


def _below(place: Place, other: Place) -> bool:
    """Whether one place is the other or within it; `[...]` stands for a name that is not said."""
    names = re.escape(place.file).replace(re.escape("[...]"), r"\.[^.]+")
    return re.match(rf"{names}(\.|$)", other.file) is not None


def _first(message: str, path: str) -> Problem:
    said, _, where = message.partition(" - at `$")
    return Problem(code="bad-setting", message=said, place=Place(path + where.removesuffix("`")))
