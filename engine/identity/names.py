"""What is left of a company's name when all that two systems write differently is taken away.

`Güneşler İnş. San. ve Tic. Ltd. Şti.`, `GUNESLER INSAAT LTD` and `Günesler İnşaat Limited Şirketi` have one core,
`gunesler`, and one trade, `insaat`. The trade is kept beside the core, because `Güneşler Lojistik` of the same
owners is another company.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

import msgspec

_LETTERS: Final = str.maketrans(
    {"\u0131": "i", "İ": "i", "I": "i", "ß": "ss", "ø": "o", "Ø": "o", "æ": "ae", "ł": "l", "Ł": "l", "đ": "d"}
)
_UMLAUTS: Final = re.compile(r"([aou])e")
_DOTTED: Final = re.compile(r"\b(?:\w\.){2,}")
_WORD: Final = re.compile(r"[0-9a-z]+")

_LEGAL_TEXT: Final = """
    as anonim sirketi sirket sti ltd limited limitet ltdsti koll kollektif kom komandit adi ortakligi gmbh mbh
    aktiengesellschaft ag kg ohg ug gbr kgaa ev eg gesellschaft haftungsbeschrankt mit beschrankter haftung co
    company inc incorporated corp corporation llc llp plc sa sarl sas srl spa bv nv ab oy oyj aps asa doo dd sro
    kft zrt ood eood sp z oo zoo cokg sl slu scs
"""
LEGAL: Final = frozenset(_LEGAL_TEXT.split())
"""Words that say how a company is constituted."""
_COMMON_TEXT: Final = """
    san sanayi sanayii tic ticaret ticareti ith ithalat ihr ihracat paz pazarlama ve and und et y the der die
    das
"""
_COMMON: Final = frozenset(_COMMON_TEXT.split())
"""Words that nearly every company has."""
_TRADES: Final[Mapping[str, str]] = {
    word: words.split()[0]
    for words in (
        "insaat ins insaati bau hochbau construction constructions stroy bouw yapim",
        "yapi yapimarket", "market",
        "taahhut taah taahut",
        "muhendislik muh mumessillik engineering ingenieurburo",
        "mimarlik mim architects",
        "nakliyat nak nakliye transport transporte tasimacilik tas spedition",
        "lojistik loj logistik logistics",
        "gida food foods lebensmittel",
        "tekstil teks tekst textil textile textiles",
        "turizm tur turz tourism reisen seyahat",
        "otomotiv oto otom automotive auto",
        "makina makine mak maschinenbau maschinen machinery",
        "elektrik elk elek elektro electric",
        "elektronik elektr electronics",
        "enerji en energie energy",
        "madencilik mad maden mining",
        "kimya kim chemie chemicals",
        "plastik plas kunststoff plastics",
        "ambalaj amb verpackung packaging",
        "mobilya mob mobel furniture",
        "metal met metall metals", "celik cel stahl steel", "demir",
        "hirdavat hird", "nalburiye", "tesisat tes sanitar", "cam glas glass", "seramik ser keramik ceramics",
        "ahsap holz wood", "dekorasyon dek", "prefabrik pref", "beton concrete",
        "bilisim bil software yazilim edv it informatik", "danismanlik dan consulting beratung",
        "tarim tar agrar agriculture", "saglik medikal medical med medizintechnik", "egitim egt",
        "sigorta sig versicherung insurance", "gayrimenkul emlak immobilien estate",
        "kuyumculuk", "matbaa matbaacilik druck print", "reklam reklamcilik werbung",
        "petrol akaryakit oil", "temizlik tem reinigung", "guvenlik guv security",
        "holding", "grup group gruppe", "handel handels trading trade vertrieb", "technik teknik technology teknoloji",
        "hizmetleri hiz hizmet services service dienstleistungen",
    )
    for word in words.split()
}  # fmt: skip
"""Words for what a company does, each with the one that stands for all its forms."""


_FORMS: Final = {
    word: words.split()[0]
    for words in (
        "as anonim",
        "ltd limited limitet ltdsti",
        "gmbh",
        "ag aktiengesellschaft",
        "kg",
        "ug",
        "llc",
        "bv",
        "srl",
    )
    for word in words.split()
}
"""How a company is constituted, by the words that say so for certain."""


class Name(msgspec.Struct, frozen=True):
    """A name taken apart: `core` words in their order, what the company says it does, and how it is constituted."""

    core: tuple[str, ...]
    trades: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()

    @property
    def squeezed(self) -> str:
        """Return the core as one word."""
        return "".join(self.core)


def fold(text: str) -> str:
    """Return a text in small unmarked Latin letters, `Müller` like `Mueller` and `Şen` like `SEN`."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS).casefold())
    return _UMLAUTS.sub(r"\1", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def words(text: str) -> list[str]:
    """Return the folded words of a text; `A.Ş.` is one word."""
    return _WORD.findall(_DOTTED.sub(lambda dotted: dotted[0].replace(".", "") + " ", fold(text)))


def name_of(text: str) -> Name:
    """Take a company's name apart; one that is nothing but trades has them for its core."""
    told = words(text)
    forms = frozenset(_FORMS[word] for word in told if word in _FORMS)
    found = [word for word in told if word not in LEGAL]
    trades = frozenset(_TRADES[word] for word in found if word in _TRADES)
    core = [word for word in found if word not in _COMMON and word not in _TRADES]
    if not core:
        return Name(tuple(dict.fromkeys(_TRADES.get(word, word) for word in found)), forms=forms)
    return Name(tuple(core), trades, forms)
