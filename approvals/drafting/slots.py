"""Slots in a text: `{invoice.number}` stands for a value that is filled in afterwards."""

import re
from collections.abc import Mapping

EMPTY = "—"
_SLOT = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")


def names(text: str) -> list[str]:
    """Return the slots a text uses, in order."""
    return _SLOT.findall(text)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its slots filled, once: a brace inside a value stays a brace; no value is a dash."""
    return _SLOT.sub(lambda slot: values.get(slot[1]) or EMPTY, text)


def blank(text: str, by: str = " ") -> str:
    """Return the text without its slots."""
    return _SLOT.sub(by, text)


def broken(text: str) -> bool:
    """Whether a brace stands outside of any slot."""
    return bool(re.search(r"[{}]", _SLOT.sub("", text)))
