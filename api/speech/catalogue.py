"""The product's own words in other languages: gettext catalogues (.po), compiled when they are read.

A message is its English sentence with `{names}` to fill in; what has no translation is said in English.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent / "catalogues"
LANGUAGES = ("en", "tr")
NATIVE: Mapping[str, str] = {"en": "English", "tr": "Türkçe"}
_LOCALES = {"en": "en_GB", "tr": "tr_TR"}


class Catalogue:
    """Says the product's sentences in one language."""

    def __init__(self, language: str, translations: NullTranslations) -> None:
        self.language = language
        self.locale = Locale.parse(_LOCALES[language])
        self._translations = translations

    def __call__(self, message: str, /, **values: object) -> str:
        """Return the sentence with its values filled in."""
        said = self._translations.gettext(message) if message else ""
        return said.format(**values) if values else said

    def many(self, one: str, more: str, count: int, /, **values: object) -> str:
        """Return the sentence for `count` things; `{count}` is filled in."""
        return self._translations.ngettext(one, more, count).format(count=count, **values)


@cache
def catalogue(language: str) -> Catalogue:
    """Return the catalogue of a language, the English one for a language nobody has translated into."""
    known = language if language in LANGUAGES else "en"
    file = FOLDER / f"{known}.po"
    if not file.is_file():
        return Catalogue(known, NullTranslations())
    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=known))
    compiled.seek(0)
    return Catalogue(known, Translations(compiled))


def preferred(*wishes: str) -> str:
    """Return the first language of the wishes that is spoken; a wish is a code or an Accept-Language header."""
    for wish in wishes:
        for code in _codes(wish):
            if code in LANGUAGES:
                return code
    return "en"


def _codes(header: str) -> Sequence[str]:
    """Return the language codes of an Accept-Language header, the most wanted first (RFC 9110, 12.5.4)."""
    weighted = []
    for place, part in enumerate(header.split(",")):
        code, _, rest = part.strip().partition(";")
        weight = rest.strip().removeprefix("q=")
        try:
            weighted.append((-float(weight or 1), place, code.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    return [code for _, _, code in sorted(weighted)]
