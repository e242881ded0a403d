"""Finished English sentences told anew in another language.

The layers below write reasons, problems and evidence in English; they stand in the journal as they were written. A page
in another language recognises them by the messages of `LANGUAGE.told.po`, whose {names} stand for what was filled in.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from babel import Locale
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol

from api.speech.catalogue import FOLDER, catalogue

_HOLE = re.compile(r"\\\{(\w+)\\\}")
_SPACED = frozenset({
    "and", "author", "because", "codes", "detail", "details", "expected", "form", "found", "late", "letters", "limit",
    "moment", "names", "over", "people", "places", "reason", "reasons", "records", "rest", "roles", "rules", "span",
    "subject", "text", "told", "until", "value", "values", "what", "when", "why", "word",
})  # fmt: skip
"""Holes that may hold more than one word."""
_LONGEST = 600
"""Letters beyond which a text is no sentence of ours."""
_TELLING = 10
"""Letters that a message must have besides its holes to be recognised in a text that may be somebody else's."""


_NAMES = frozenset({"action", "policy", "rule", "ruleset"})
"""Holes that hold what the company named: it may have other names by language."""
_MEASURES = frozenset({
    "before", "bound", "high", "low", "majority", "now", "share", "sum", "threshold", "total", "value",
})  # fmt: skip
"""Holes that hold a number of ours, which each language writes its own way; elsewhere digits are part of a name."""
_NUMBER = re.compile(r"(?P<number>-?\d+(?:\.\d+)?)(?P<percent> ?%)?")
_NOBODYS: Mapping[str, str] = {}


class Teller:
    """Tells sentences anew by their messages; a sentence that none of them fits stays as it is."""

    def __init__(self, messages: Mapping[str, str], locale: Locale | None = None) -> None:
        self._whole = {id: said for id, said in messages.items() if "{" not in id}
        filled = sorted((id for id in messages if "{" in id), key=_fixed, reverse=True)
        self._filled = [(_pattern(id), messages[id]) for id in filled]
        self._telling = sum(_fixed(id) >= _TELLING for id in filled)
        self._point = get_decimal_symbol(locale) if locale else "."
        self._percent = locale.percent_formats[None].pattern if locale else "#,##0%"

    def __call__(self, text: str, *, ours: bool = False, names: Mapping[str, str] = _NOBODYS) -> str:
        """Return a text in the language; several sentences, joined by semicolons, one by one.

        `ours`: nobody else wrote it, so that short messages such as `needs {what}` count as well. `names`: what the
        company calls its rules and policies in this language.
        """
        if not text or len(text) > _LONGEST:
            return text
        return (
            self._known(text, ours, names)
            or self._trimmed(text, ours, names)
            or self._parted(text, ours, names)
            or text
        )

    def _known(self, text: str, ours: bool, names: Mapping[str, str]) -> str:
        if text in self._whole:
            return self._whole[text]
        for pattern, said in self._filled if ours else self._filled[: self._telling]:
            found = pattern.fullmatch(text)
            if found:
                holes = found.groupdict().items()
                return said.format(**{hole: self._within(hole, value, names) for hole, value in holes})
        return ""

    def _trimmed(self, text: str, ours: bool, names: Mapping[str, str]) -> str:
        """Tell a sentence whose code put a full stop behind it, or a capital before it."""
        bare = text.removesuffix(".")
        for each in (bare, f"{bare[:1].lower()}{bare[1:]}"):
            said = self._known(each, ours, names) if each != text else ""
            if said:
                said = said if each == bare else f"{_capital(said[:1])}{said[1:]}"
                return said if bare == text else f"{said}."
        return ""

    def _parted(self, text: str, ours: bool, names: Mapping[str, str]) -> str:
        parts = text.split("; ")
        return "; ".join(self(each, ours=ours, names=names) for each in parts) if len(parts) > 1 else ""

    def _within(self, hole: str, value: str, names: Mapping[str, str]) -> str:
        """Tell what fills a hole, with the space around it."""
        bare = value.strip()
        if not bare:
            return value
        number = _NUMBER.fullmatch(bare) if hole in _MEASURES else None
        if number:
            said = self._number(number["number"], share=bool(number["percent"]))
        elif hole in _NAMES and bare in names:
            said = names[bare]
        else:
            said = self(bare, ours=True, names=names)
        return value.replace(bare, said)

    def _number(self, text: str, *, share: bool) -> str:
        told = text.replace(".", self._point)
        if not share:
            return told
        return f"%{told}" if self._percent.startswith("%") else f"{told} %"


def _fixed(id: str) -> int:
    return len(re.sub(r"\{\w+\}", "", id))


def _pattern(id: str) -> re.Pattern[str]:
    def hole(found: re.Match[str]) -> str:
        return f"(?P<{found[1]}>{'.' if found[1] in _SPACED else '[^ ]'}*?)"

    return re.compile(_HOLE.sub(hole, re.escape(id)), re.DOTALL)


def _capital(letter: str) -> str:
    return "İ" if letter == "i" else letter.upper()


def messages(language: str, kind: str = "told") -> Iterable[tuple[str, str]]:
    """Yield the messages of a language with what they are in it; none where nobody wrote any."""
    file = FOLDER / f"{language}.{kind}.po"
    if file.is_file():
        with file.open("rb") as source:
            yield from ((str(each.id), str(each.string)) for each in read_po(source, locale=language) if each.id)


@cache
def model_names(language: str) -> Mapping[str, str]:
    """Return what the entity types and fields of the shipped model are called in a language."""
    return dict(messages(language, "names"))


@cache
def teller(language: str) -> Teller:
    """Return what tells finished sentences in a language."""
    return Teller(dict(messages(language)), catalogue(language).locale)
