"""Words that differ by a letter or two, found without comparing all of them: deletion neighbourhoods.

Two words within edit distance d have a common form after at most d deletions from each (W. Garbe's SymSpell). The
forms of every known word are kept; those of the word in question are looked up. Only the first letters are varied,
which keeps the forms few; whether a word found that way is near enough is then computed.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from rapidfuzz.distance import OSA

_PREFIX: Final = 7
_SHORT, _LONG = 4, 8


def allowed(word: str) -> int:
    """Return how many typing errors a word may have: none in the shortest, two in long ones."""
    return 0 if len(word) < _SHORT else 1 if len(word) < _LONG else 2


def forms(word: str) -> Iterator[str]:
    """Yield what is left of a word's beginning after as many deletions as it may have errors, or fewer."""
    start = word[:_PREFIX]
    for count in range(allowed(word) + 1):
        for kept in combinations(range(len(start)), len(start) - count):
            yield "".join(start[at] for at in kept)


class Neighbours:
    """A vocabulary that is asked for words near another."""

    def __init__(self) -> None:
        self._forms: dict[str, list[str] | str] = {}
        self._words: set[str] = set()

    def add(self, word: str) -> None:
        """Learn a word; known ones cost nothing."""
        if word in self._words:
            return
        self._words.add(word)
        for form in set(forms(word)):
            known = self._forms.get(form)
            if known is None:
                self._forms[form] = word  # most forms have one word, which needs no list
            elif isinstance(known, str):
                self._forms[form] = [known, word]
            else:
                known.append(word)

    def near(self, word: str) -> dict[str, int]:
        """Return the known words within the errors that this one may have, each with how many there are."""
        limit = allowed(word)
        found = {word: 0} if word in self._words else {}
        for form in set(forms(word)) if limit else ():
            known = self._forms.get(form, ())
            for other in (known,) if isinstance(known, str) else known:
                if other not in found and abs(len(other) - len(word)) <= limit:
                    distance = OSA.distance(word, other, score_cutoff=limit)
                    if distance <= limit:
                        found[other] = distance
        return found
