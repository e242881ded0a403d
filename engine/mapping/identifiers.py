"""Exact identifiers in one form, so that two systems that write them differently mean the same."""

import re
from typing import Final, Literal

from stdnum.tr import tckimlik, vkn

_DIGITS = re.compile(r"[^0-9]+")
_FILLER = re.compile(r"(.)\1*")
_FAMILIES: Final[tuple[tuple[Literal["tax", "mail", "phone"], re.Pattern[str]], ...]] = (
    ("tax", re.compile(r"(^|_)(tax|vat|vkn|tckn|tin|nip|siren|registration)(_|$)")),
    ("mail", re.compile(r"(^|_)(e?mail)(_|$)")),
    ("phone", re.compile(r"(^|_)(phone|mobile|gsm|tel|fax)(_|$)")),
)
_TURKISH: Final = {"vkn": vkn.is_valid, "tckn": tckimlik.is_valid}
_SHORTEST_TAX, _SHORTEST_PHONE = 5, 7


def family(scheme: str) -> Literal["tax", "mail", "phone", ""]:
    """Return what a scheme's name (`tax_id`, `email`, `person_email` ...) says it holds, "" for anything else."""
    return next((kind for kind, pattern in _FAMILIES if pattern.search(scheme)), "")


def identifier(scheme: str, text: str | None, country: str = "") -> str | None:
    """Return `scheme:value` in its normal form; None for what identifies nobody: blank, too short, 0000000000.

    A number in a scheme called `vkn` or `tckn` must have the right check digit (GİB, NVİ; python-stdnum). A telephone
    number is read as one of `country` (ISO 3166) unless it names another. Other schemes are kept as written.
    """
    value = (text or "").strip()
    kind = family(scheme)
    if kind == "tax":
        value = _digits(value, _SHORTEST_TAX)
        check = next((check for name, check in _TURKISH.items() if name in scheme.split("_")), None)
        value = "" if check is not None and not check(value) else value
    elif kind == "mail":
        value = value.removeprefix("mailto:").casefold()
        value = value if value.count("@") == 1 and not value.startswith("@") and not value.endswith("@") else ""
    elif kind == "phone":
        value = _phone(value, country)
    return f"{scheme}:{value}" if value else None


def sound(tax: str) -> bool:
    """Whether the check digit of a Turkish tax or identity number is right."""
    return bool(vkn.is_valid(tax) or tckimlik.is_valid(tax))


def _phone(text: str, country: str) -> str:
    """Return the digits of a number with its country code (E.164), or as they stand where no country is known."""
    plain = _digits(text.removeprefix("+").removeprefix("00"), _SHORTEST_PHONE)
    if not plain or not (country or text.startswith(("+", "00"))):
        return plain
    import phonenumbers  # slow to import, and only some sources tell telephone numbers

    written = f"+{text[2:]}" if text.startswith("00") else text
    try:
        number = phonenumbers.parse(written, country or None)
    except phonenumbers.NumberParseException:
        return plain
    if not phonenumbers.is_possible_number(number):
        return plain
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")


def _digits(text: str, shortest: int) -> str:
    digits = _DIGITS.sub("", text)
    return "" if len(digits) < shortest or _FILLER.fullmatch(digits) else digits
