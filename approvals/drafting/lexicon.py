"""Words by which the guards know a language, and what no draft may bring in by itself in any language."""

# ruff: noqa: RUF001  (Turkish letters and typographic marks are meant)

import re

import msgspec


class Lexicon(msgspec.Struct, frozen=True, kw_only=True):
    """One language.

    `letters`: those beyond a to z that its words are written with. `common`: function words, by which the language is
    recognised. `openers`: words that begin a sentence or a short line without being a name. `titles`: words written
    large anywhere that name nobody. `numbers`, `dates`, `promises`: what only a fact or the template may say;
    `undertakings`: what somebody will, would or could do, but for what every letter says. `machines`: what is said to
    a machine that reads along. `endings`: what a name carries behind it without an apostrophe.
    """

    letters: frozenset[str]
    common: frozenset[str]
    openers: frozenset[str]
    titles: frozenset[str]
    numbers: re.Pattern[str]
    dates: re.Pattern[str]
    promises: re.Pattern[str]
    undertakings: re.Pattern[str]
    machines: re.Pattern[str]
    endings: re.Pattern[str]


def words(text: str) -> frozenset[str]:
    """Return the words of a list."""
    return frozenset(text.split())


def any_of(text: str) -> re.Pattern[str]:
    """Return the pattern of whole words; `_` in a list is the space in one that has several."""
    return re.compile(rf"\b(?:{'|'.join(text.split())})\b".replace("_", r"\s+"))


CURRENCIES = re.compile(
    r"[\u20a0-\u20cf$£¥¢%‰]|\b(?:tl|try|eur|usd|gbp|chf|jpy|cny|rub|aed|sar|sek|nok|dkk|pln|btc|lira\w*|euro\w*|avro\w*"
    r"|dollars?|dolar\w*|pounds?|sterlin\w*|kuruş\w*|cents?|francs?|frank|frang\w*|rupees?|rubles?|roubles?|ruble\w*"
    r"|yen|yuan|pesos?|kron[aeo]r?|zloty|dirhams?|dinars?|riyals?|bitcoins?|crypto\w*|kripto\w*)\b"
)
"""Currency signs and names, and signs of shares; looked for in lower case."""

LINKS = re.compile(
    r"\bhxxps?\b|https?:|ftp:|www\.|://|@|\b(?:mailto|tel)\b:?|[^\W\d_]:[^\W\d_]"
    r"|[\w-]+\.(?:com|net|org|io|info|biz|co|tr|de|uk|eu|ru|cn|app|dev|ly|me|xyz)\b|[^\W\d_]\.[^\W\d_]{2,}"
    r"|\w\s*\.\s*(?:com|net|org|io|biz|xyz|tr|uk|ru|cn)\b"
    r"|\b(?:dot|nokta)\b\W*(?:com|net|org|io|info|biz|co|tr|de|uk|eu|ru|cn|app|dev|me|xyz)\b"
)
"""Addresses of the net, also those torn apart or spelt out; looked for in lower case."""

INJECTION = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|previous|above|prior|rule|prompt)\w*"
    r"|\bsystem (?:prompt|message)\b|\bas an? (?:ai|language model|assistant)\b|\blanguage model\b|\byou are now\b"
    r"|\bif you are an? (?:\w+ )?(?:ai|assistant|agent|bot|model|machine)\b|\bautomated readers?\b"
    r"|\b(?:dear|to (?:the|any)|note to) (?:ai|assistant|model|bot|agent)s?\b|\b(?:ai|bot|agent)\s*:"
    r"|\b(?:call|invoke|run) the (?:function|tool)\b|\bdo not (?:show|reveal) this (?:line|message|text)\b"
    r"|\bnew instructions?\b|\bbcc\b|\bcc:|<\||\[inst\]|```|\b(?:assistant|system|user)\s*:"
    r"|\b(?:refund|transfer|wire|pay out|send)\s+(?:me\s+|us\s+)?[\d$€£₺]"
    r"|\b(?:önceki|yukarıdaki) (?:talimat|komut)\w*|\byok say\w*|\byapay zek[aâ]\w*|\bgizli kopya\w*"
    r"|\botomatik oku\w+|\bbunu okuyan (?:asistan|robot|model)\w*|\b(?:satırı|mesajı) (?:okuyana )?gösterme\b"
    r"|\b(?:iade|havale) (?:et|yap)\w* .{0,20}\d",
    re.DOTALL,
)
"""Text that speaks to the machine instead of to a person; looked for in lower case."""
