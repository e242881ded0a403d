"""Text as the guards look at it."""

# ruff: noqa: RUF001, RUF002  (Turkish letters and typographic marks are meant)

import re
import unicodedata
from collections.abc import Container, Iterator

_MARKS = frozenset("’‘“”„«»–—…·•\u00a0\u202f")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def fold(text: str, language: str) -> str:
    """Return the text in lower case by the language's own rules: Turkish has a dotless i."""
    if language == "tr":
        text = text.replace("İ", "i").replace("I", "ı")
    return text.replace("İ", "i").lower().replace("’", "'")


def words(text: str) -> list[str]:
    """Return the words as written."""
    return _WORD.findall(text)


def placed(text: str) -> Iterator[re.Match[str]]:
    """Yield the words with their places."""
    return _WORD.finditer(text)


def stem(word: str) -> str:
    """Return a word without what follows an apostrophe: `Acme'nin`, `Acme's`."""
    return re.split(r"['’]", word, maxsplit=1)[0]


def invisible(text: str) -> list[str]:
    """Return the characters that nobody sees: controls, zero width, direction marks."""
    return [
        char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Co", "Cn", "Cs") and char not in "\n\t\r"
    ]


def foreign(text: str, ours: str, letters: Container[str]) -> list[str]:
    """Return the characters that nobody writes a letter of the language with, whatever they look like.

    `letters`: its own beyond a to z, in lower case; a word that the company writes itself is as it is.
    """
    known = set(words(ours))
    rest = _WORD.sub(lambda word: "" if word[0] in known else word[0], text)
    return [
        char for char in rest if not (char.isascii() or char in _MARKS or char in letters or char.lower() in letters)
    ]


def numerals(text: str) -> list[str]:
    """Return the digits and number signs of any script: `7`, `٧`, `½`, `Ⅶ`."""
    return [char for char in text if unicodedata.category(char).startswith("N")]
