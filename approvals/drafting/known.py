"""The names of the company's customers, as a text would write them."""

from collections.abc import Callable, Hashable, Iterable

from approvals.drafting.languages import LEXICONS
from approvals.drafting.text import fold, stem, words

LEGAL_FORMS = frozenset(
    (
        *("a", "ş", "aş", "as", "san", "tic", "ve", "ltd", "şti", "limited", "şirketi", "anonim"),
        *("inc", "llc", "plc", "gmbh", "co", "corp", "ag", "sa"),
    )
)


class KnownNames:
    """Answers in constant time whether a folded phrase names somebody; read again when `stamp` changes."""

    def __init__(self, labels: Callable[[], Iterable[str]], stamp: Callable[[], Hashable]) -> None:
        self._labels = labels
        self._stamp = stamp
        self._seen: Hashable = None
        self._phrases: frozenset[str] = frozenset()

    def __call__(self, phrase: str) -> bool:
        """Return whether the phrase, folded, is a name with or without its legal form."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._phrases = frozenset(phrase for label in self._labels() for phrase in _phrases(label))
            self._seen = stamp
        return phrase in self._phrases


def _phrases(label: str) -> Iterable[str]:
    for language in LEXICONS:
        said = [fold(stem(word), language) for word in words(label)]
        if said:
            yield " ".join(said)
        while said and said[-1] in LEGAL_FORMS:
            said.pop()
        if said:
            yield " ".join(said)
