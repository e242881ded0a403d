"""From iCalendar text to the data of records, and from an operation's values to iCalendar text."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

import msgspec
import recurring_ical_events
from icalendar import Calendar, Component, Event, Todo
from icalendar.prop import vCalAddress

from connectors.values import plain

OUR_KEY = "X-OPSLAYER-KEY"
ENTRIES = frozenset({"VEVENT", "VTODO", "VJOURNAL"})
REPEATS = ("RRULE", "RDATE", "RECURRENCE-ID", "EXDATE")
TEXTS = ("UID", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS", "URL", "CLASS")
NUMBERS = ("PRIORITY", "SEQUENCE", "PERCENT-COMPLETE")
TIMES = ("DTSTART", "DTEND", "DUE", "COMPLETED", "CREATED", "LAST-MODIFIED", "DTSTAMP", "RECURRENCE-ID")
NAMES = {"DTSTART": "starts_at", "DTEND": "ends_at", "DUE": "due_at"}
MOST_TIMES = 5000


class Unreadable(Exception):
    """The text is no iCalendar."""


class Item(msgspec.Struct, frozen=True):
    """One event or task, or one time of a recurring one, which `at` then names."""

    uid: str
    at: str
    data: Mapping[str, Any]
    changed: datetime | None


def parse(text: str) -> Calendar:
    """Return the calendar; raises Unreadable."""
    try:
        found = Calendar.from_ical(text)
    except (ValueError, IndexError, KeyError) as error:
        raise Unreadable(f"this is no iCalendar: {error}") from error
    if not isinstance(found, Calendar):
        raise Unreadable("this is no iCalendar: there is no VCALENDAR")
    return found


def repeats(calendar: Calendar) -> bool:
    """Whether anything in it recurs."""
    return any(name in each for each in _entries(calendar) for name in REPEATS)


def _entries(calendar: Calendar) -> list[Component]:
    """Return what a person would call entries; time zones recur too."""
    return [each for each in calendar.walk() if each.name in ENTRIES]


def items(
    calendar: Calendar, components: Sequence[str], window: tuple[datetime, datetime], zone: tzinfo
) -> Iterator[Item]:
    """Yield what a calendar holds; recurring ones once for each time in the window. Raises Unreadable."""
    recurring = {str(each.get("UID")) for each in _entries(calendar) if any(name in each for name in REPEATS)}
    for each in _entries(calendar):
        if each.name in components and str(each.get("UID")) not in recurring:
            yield _item(each, "", zone)
    if not recurring:
        return
    try:
        times = recurring_ical_events.of(
            calendar, components=[each for each in components if each != "VJOURNAL"]
        ).between(*window)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise Unreadable(f"a recurrence cannot be expanded: {error}") from error
    for each in times[:MOST_TIMES]:
        if str(each.get("UID")) in recurring:
            yield _item(each, _stamp(each), zone)


def _item(component: Component, at: str, zone: tzinfo) -> Item:
    try:
        data = data_of(component, zone)
    except (AttributeError, ArithmeticError, ValueError, TypeError) as error:
        raise Unreadable(f"{component.name} {component.get('UID', '')} cannot be read: {error}") from error
    changed = data.get("last_modified") or data.get("dtstamp")
    return Item(str(component.get("UID", "")), at, data, changed if isinstance(changed, datetime) else None)


def data_of(component: Component, zone: tzinfo) -> dict[str, Any]:
    """Return the properties as FEEL values, by their names in lower case; times placed in `zone` where they float."""
    data: dict[str, Any] = {"component": component.name}
    data |= {_name(name): str(component[name]) for name in TEXTS if name in component}
    data |= {_name(name): Decimal(str(component[name])) for name in NUMBERS if name in component}
    data |= {_name(name): _time(component[name], zone) for name in TIMES if name in component}
    data["all_day"] = isinstance(data.get("starts_at"), date) and not isinstance(data.get("starts_at"), datetime)
    if "ends_at" not in data and "DURATION" in component and "starts_at" in data:
        lasts: Any = component["DURATION"]
        data["ends_at"] = data["starts_at"] + lasts.dt
    data["organizer"] = _mail(component.get("ORGANIZER"))
    attendees = component.get("ATTENDEE", [])
    data["attendees"] = [
        {"email": _mail(each), "name": each.params.get("CN", ""), "answer": each.params.get("PARTSTAT", "")}
        for each in (attendees if isinstance(attendees, list) else [attendees])
    ]
    data["our_key"] = str(component.get(OUR_KEY, "")) or None
    known: dict[str, Any] = plain(data, zone)
    return known


def component(kind: str, uid: str, now: datetime) -> Calendar:
    """Return a calendar with one new event or task."""
    calendar = Calendar()
    calendar.add("prodid", "-//opslayer//EN")
    calendar.add("version", "2.0")
    one = Todo() if kind == "VTODO" else Event()
    one.add("uid", uid)
    one.add("created", now.astimezone(UTC))
    calendar.add_component(one)
    return calendar


def main(calendar: Calendar) -> Component | None:
    """Return the event or task that a resource is about: of a recurring one, what recurs."""
    found = _entries(calendar)
    return next((each for each in found if "RECURRENCE-ID" not in each), found[0] if found else None)


def write(one: Component, values: Mapping[str, Any], key: str, now: datetime) -> None:
    """Put values over properties; null takes one away. Raises ValueError for a value that has no such form."""
    for name, value in values.items():
        one.pop(name, None)
        if value is None:
            continue
        for each in value if isinstance(value, list) else [value]:
            one.add(name, _property(name, each))
    for name, value in ((OUR_KEY, key), ("dtstamp", now.astimezone(UTC)), ("last-modified", now.astimezone(UTC))):
        one.pop(name, None)
        one.add(name, value)


def _property(name: str, value: Any) -> Any:  # noqa: ANN401  (a FEEL value)
    if name.lower() in {"attendee", "organizer"}:
        return vCalAddress(value if ":" in str(value) else f"mailto:{value}")
    if isinstance(value, Decimal):
        return int(value)
    return value if isinstance(value, str | date | timedelta) else str(value)


def _name(name: str) -> str:
    return NAMES.get(name, name.lower().replace("-", "_"))


def _time(value: Any, zone: tzinfo) -> date:  # noqa: ANN401  (icalendar's own)
    found: date = value.dt
    return found.replace(tzinfo=zone) if isinstance(found, datetime) and found.tzinfo is None else found


def _stamp(component: Component) -> str:
    """Return the time that names one of many: where the series puts it, even when it was moved."""
    stands: Any = component.get("RECURRENCE-ID") or component["DTSTART"]
    found: date = stands.dt
    if isinstance(found, datetime):
        return found.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") if found.tzinfo else found.strftime("%Y%m%dT%H%M%S")
    return found.strftime("%Y%m%d")


def _mail(value: object) -> str | None:
    text = str(value or "").strip()
    return (text[7:] if text.lower().startswith("mailto:") else text).lower() or None
