"""Names that a text brings in by itself: words written large where the language would not."""

# ruff: noqa: RUF001  (Turkish letters and typographic marks are meant)

import re
from collections.abc import Callable, Iterator

import msgspec

from approvals.drafting.findings import Finding
from approvals.drafting.lexicon import Lexicon
from approvals.drafting.slots import blank
from approvals.drafting.text import fold, placed, stem, words

_LONGEST_NAME = 5
_SHORT_LINE = 4
_MARK = "\x00"


class _Word(msgspec.Struct, frozen=True):
    text: str
    opens: bool
    alone: bool
    called: bool
    line: int


def own_names(
    text: str, language: str, ours: str, lexicon: Lexicon, known: Callable[[str], bool] | None
) -> list[Finding]:
    """Return the names in a text that neither the template nor the company's own name holds."""
    allowed = {fold(stem(word), language) for word in words(blank(ours))} | {"i"} | lexicon.titles
    seen = list(_read(text))
    large = [word.text for word in seen if _is_name(word, allowed, lexicon, language)]
    found = [*large, *_known(seen, allowed, known, language, lexicon)]
    return [Finding("name", f"write no names of your own ({', '.join(dict.fromkeys(found))})")] if found else []


def _is_name(word: _Word, allowed: set[str], lexicon: Lexicon, language: str) -> bool:
    if not word.text[0].isupper():
        return False
    plain = fold(stem(word.text), language)
    if plain in allowed:
        return False
    shouted = len(word.text) > 1 and word.text.isupper()
    suspect = not word.opens or word.alone or word.called or shouted
    return suspect and not (word.opens and plain in lexicon.openers)


def _read(text: str) -> Iterator[_Word]:
    """Yield the words with where they stand: opening a sentence, on a short line, called by name."""
    for number, line in enumerate(blank(text, f" {_MARK} ").splitlines()):
        short = len(line.split()) <= _SHORT_LINE and not re.search(r"[.!?]\s*$", line)
        for match in placed(line):
            before = line[: match.start()].rstrip(" \t\"'“”‘’(-–—•")
            opens = not before or before[-1] in ".!?"
            called = stem(match[0]) != match[0] or bool(re.match(r"\s*[,:]", line[match.end() :]))
            yield _Word(match[0], opens, short, called, number)


def _known(
    seen: list[_Word], allowed: set[str], known: Callable[[str], bool] | None, language: str, lexicon: Lexicon
) -> Iterator[str]:
    """Yield the phrases that name somebody of the company's view, with or without an ending.

    A single word only where it is written large or has an apostrophe: many a name is a word as well.
    """
    if known is None:
        return
    for start, first in enumerate(seen):
        for end in range(start + 1, min(start + _LONGEST_NAME, len(seen)) + 1):
            run = seen[start:end]
            plain = [fold(stem(word.text), language) for word in run]
            if run[-1].line > first.line + 1 or all(word in allowed for word in plain):
                continue
            owned = stem(first.text) != first.text and plain[0] not in lexicon.common | lexicon.openers
            if not (len(run) > 1 or first.text[0].isupper() or owned):
                continue
            if any(known(phrase) for phrase in _without_endings(" ".join(plain), lexicon)):
                yield " ".join(word.text for word in run)


def _without_endings(phrase: str, lexicon: Lexicon) -> Iterator[str]:
    """Yield the phrase, and what it may be without what a language adds to a name."""
    yield phrase
    for ending in lexicon.endings.finditer(phrase):
        yield phrase[: ending.start()]
