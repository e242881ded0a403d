"""Calendars: CalDAV collections, kept up by their sync token, and iCalendar files."""

from connectors.caldav.opening import open_caldav
from connectors.caldav.settings import CaldavSource, CaldavStream

__all__ = ["CaldavSource", "CaldavStream", "open_caldav"]
