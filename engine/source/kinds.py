"""Kinds of text that a key may hold; each is a plain string whose form is checked when a file is read."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, NamedTuple
from zoneinfo import available_timezones

from msgspec import Meta

from engine.source.expression import Expression


def _meta(kind: str) -> Meta:
    return Meta(extra={"kind": kind})


Duration = Annotated[str, _meta("duration")]
Name = Annotated[str, _meta("name")]
FieldName = Annotated[str, _meta("field name")]
Zone = Annotated[str, _meta("time zone")]
Currency = Annotated[str, _meta("currency")]
Country = Annotated[str, _meta("country")]
Email = Annotated[str, _meta("e-mail")]
FileName = Annotated[str, _meta("file")]
BranchName = Annotated[str, _meta("branch")]
Language = Annotated[str, _meta("language")]
Moment = Annotated[str, _meta("moment")]
Day = Annotated[str, _meta("day")]
TimeOfDay = Annotated[str, _meta("time of day")]
Template = Annotated[Expression, _meta("text with {FEEL}")]
Literals = Annotated[Expression, _meta("text with {slots}")]


class Form(NamedTuple):
    """What a kind of text looks like: a check, what is expected in words, an example."""

    fits: Callable[[str], bool]
    expected: str
    example: str
    pattern: str = ""


_DURATION = r"P(?=\d|T\d)(\d+W|(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?|(\d+Y)?(\d+M)?)"  # ISO 8601-1:2019, 5.5.2
_PATTERNS = {
    "duration": (_DURATION, "an ISO 8601 duration", "P7D, PT2H30M"),
    "name": (r"[A-Za-z_][A-Za-z0-9_-]*", "a name of letters, digits, `_` and `-`", "follow_up"),
    "field name": (r"[^\W\d]\w*", "a name of letters, digits and `_`", "due_date"),
    "currency": (r"[A-Z]{3}", "an ISO 4217 currency code", "EUR"),
    "country": (r"[A-Z]{2}", "an ISO 3166 country code", "TR"),
    "e-mail": (r"[^@\s<>]+@[^@\s<>]+", "an e-mail address", "ayse@example.org"),
    "file": (r"(?!/)(?!.*(^|/)\.\.(/|$)).+", "a path below this folder", "prompts/first_reminder.md"),
    "branch": (
        r"(?![-/.])(?!.*(\.\.|//|@\{|/\.|\.lock(/|$)))[^\s~^:?*\[\\]*[^\s~^:?*\[\\/.]",
        "the name of a git branch",
        "main",
    ),
    "language": (r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "a language code (BCP 47)", "en"),
}


def _pattern_form(pattern: str, expected: str, example: str) -> Form:
    compiled = re.compile(pattern)
    return Form(lambda text: compiled.fullmatch(text) is not None, expected, example, f"^(?:{pattern})$")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


FORMS: Mapping[str, Form] = {
    **{kind: _pattern_form(*row) for kind, row in _PATTERNS.items()},
    "time of day": _pattern_form(r"([01]\d|2[0-3]):[0-5]\d", "a time of day", "09:00"),
    "moment": Form(_is_moment, "a date and time with its offset from UTC", "2026-03-02T09:00:00+03:00"),
    "day": Form(_is_day, "a day", "2026-03-02"),
    "time zone": Form(lambda text: text in _zones(), "an IANA time zone", "Europe/Istanbul"),
}
