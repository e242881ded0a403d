"""Calendars: CalDAV collections, kept up by their sync token, and iCalendar files."""
