"""Words as people look for them: without capitals and accents, an i with or without its dot."""

from functools import lru_cache
from unicodedata import combining, normalize

_KEPT = 2**16


def fold(text: str) -> str:
    """Return the text as it is compared when somebody looks for words: `Çelik` is `celik`."""
    if text.isascii():
        return text.lower()
    folded = normalize("NFKD", text.casefold()).replace("ı", "i")  # noqa: RUF001  (Turkish)
    return "".join(each for each in folded if not combining(each))


name_folded = lru_cache(maxsize=_KEPT)(fold)
"""The same for names, which are looked through again and again."""
