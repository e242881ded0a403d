"""Days as people write them: 2026-03-15, 15.03.2026, 15/03/2026, 15 March 2026, 15 Mart 2026, March 15, 2026."""

# ruff: noqa: RUF001  (Turkish letters are meant)

import re
from datetime import date
from typing import Final

_MONTHS: Final = (
    "january|ocak", "february|şubat", "march|mart", "april|nisan", "may|mayıs", "june|haziran", "july|temmuz",
    "august|ağustos", "september|eylül", "october|ekim", "november|kasım", "december|aralık",
)  # fmt: skip
_NAMES: Final = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split("|")}
_MONTH: Final = "|".join(sorted(_NAMES, key=len, reverse=True))
_DAY: Final = re.compile(
    r"\b(?P<iso>\d{4}-\d{2}-\d{2})\b"
    r"|\b(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>\d{4})\b"
    rf"|\b(?P<d>\d{{1,2}})\.?\s+(?P<m>{_MONTH})\s+(?P<y>\d{{4}})\b"
    rf"|\b(?P<mm>{_MONTH})\s+(?P<dd>\d{{1,2}}),?\s+(?P<yy>\d{{4}})\b",
    re.IGNORECASE,
)


def first_day(text: str) -> tuple[date, str] | None:
    """Return the first day that a text names, with its words; None when it names none that there is."""
    for match in _DAY.finditer(text):
        found = _day(match)
        if found is not None:
            return found, match[0]
    return None


def _day(match: re.Match[str]) -> date | None:
    try:
        if match["iso"]:
            return date.fromisoformat(match["iso"])
        if match["day"]:
            return date(int(match["year"]), int(match["month"]), int(match["day"]))
        if match["d"]:
            return date(int(match["y"]), _NAMES[match["m"].lower()], int(match["d"]))
        return date(int(match["yy"]), _NAMES[match["mm"].lower()], int(match["dd"]))
    except ValueError:
        return None
