"""The words of the sample company, kept as data beside the code."""

from datetime import date
from importlib.resources import files
from random import Random
from typing import Any

from ruamel.yaml import YAML


def load(name: str) -> dict[str, Any]:
    """Return the contents of data/NAME.yaml."""
    text = files("api.demo").joinpath("data", f"{name}.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return found


def ascii_name(text: str) -> str:
    """Return the Turkish text in plain lower-case letters, as it would stand in an address."""
    folded = text.lower().translate(str.maketrans("çğıöşüâ", "cgiosua")).replace("i\u0307", "i")
    return "".join(c for c in folded if c.isascii() and c.isalnum())


def written_day(day: date, language: str, months: dict[str, list[str]], rng: Random) -> str:
    """Return the day as someone would type it in this language."""
    if rng.random() < 1 / 2:
        return f"{day:%d.%m.%Y}" if language == "tr" else day.isoformat()
    return f"{day.day} {months[language][day.month - 1]} {day.year}"


def tax_number(rng: Random) -> str:
    """Return a Turkish tax number (VKN): nine digits and the check digit of the tax office's algorithm."""
    digits = [rng.randint(1, 9), *(rng.randint(0, 9) for _ in range(8))]
    total = 0
    for place, digit in enumerate(reversed(digits), 1):
        mixed = (digit + place) % 10
        total += (mixed * 2**place % 9 or 9) if mixed else 0
    return "".join(map(str, [*digits, -total % 10]))
