"""The settings of a calendar source."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from connectors.http.auth import Auth
from connectors.http.settings import ErrorRule, Limits
from connectors.settings import OperationSettings, SourceSettings, StreamSettings

Component = Literal["VEVENT", "VTODO", "VJOURNAL"]


class CaldavStream(StreamSettings, frozen=True, kw_only=True):
    """One calendar: a collection at `path` of the server, or an iCalendar file at `ics`, read only.

    `ics`: below the source's `url` where it has one, else a file of the home folder. `components`: what is read.
    Recurring ones become one record for each time from `past` before the first reading to `ahead` of now.
    """

    path: str = ""
    ics: str = ""
    components: tuple[Component, ...] = ("VEVENT", "VTODO")
    past: timedelta = timedelta(days=30)
    ahead: timedelta = timedelta(days=90)
    page_size: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 50
    fields: tuple[str, ...] = ()


class CaldavOperation(OperationSettings, frozen=True, kw_only=True):
    """One declared write to the calendar at `path`.

    `do`: create an event or a task, under a UID that follows from our key, or update the one whose record key the
    FEEL `key` gives. `set`: iCalendar properties (`summary`, `dtstart`, `dtend`, `due`, `description`, `location`,
    `status`, `attendee` ...) with FEEL over the payload and `key`; null takes a property away. `before`: FEEL over the
    payload and `now`, the record as it stands, which must be true or the update is a conflict.
    """

    do: Literal["create_event", "create_task", "update"]
    path: str
    key: str = ""
    set: Mapping[str, str]
    before: str = ""


class CaldavSource(SourceSettings, frozen=True, kw_only=True):
    """Calendars of one CalDAV server (RFC 4791), or iCalendar files (RFC 5545).

    `aliases`: what the server calls itself in the addresses it gives, as `host:port`, besides `url`'s.
    """

    url: str = ""
    aliases: tuple[str, ...] = ()
    auth: Auth = Auth()
    headers: Mapping[str, str] = {}
    limits: Limits = Limits()
    errors: tuple[ErrorRule, ...] = ()
    streams: Mapping[str, CaldavStream] = {}
    operations: Mapping[str, CaldavOperation] = {}
