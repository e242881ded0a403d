"""The connectors there are: the name in sources.yaml, the settings it takes, how it is opened."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from connectors.bank import BankSource, open_bank
from connectors.caldav import CaldavSource, open_caldav
from connectors.files import FilesSource, open_files
from connectors.hooks.receiver import Receiver
from connectors.http import HttpSource, open_http
from connectors.mail import MailSource, open_mail
from connectors.odata import OdataSource, open_odata
from connectors.settings import SourceSettings, Surroundings
from connectors.sql import SqlSource, open_sql
from connectors.webhook import WebhookSource, open_webhook
from engine.ports import Connector
from engine.source import ConfigError, Place, Problem, stated


@dataclass(frozen=True, slots=True)
class Registered:
    """One kind of connector."""

    settings: type[SourceSettings]
    open: Callable[[str, Any, Surroundings], Connector]


CONNECTORS: Mapping[str, Registered] = {
    "bank": Registered(BankSource, open_bank),
    "caldav": Registered(CaldavSource, open_caldav),
    "files": Registered(FilesSource, open_files),
    "http": Registered(HttpSource, open_http),
    "mail": Registered(MailSource, open_mail),
    "odata": Registered(OdataSource, open_odata),
    "sql": Registered(SqlSource, open_sql),
    "webhook": Registered(WebhookSource, open_webhook),
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


def open_receiver(name: str, settings: Mapping[str, Any], surroundings: Surroundings) -> Receiver | None:
    """Open the source's webhook, None where it has none; raises ConfigError with every fault."""
    if HOOK not in settings:
        return None
    if problems := check(name, settings):
        raise ConfigError(problems)
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
