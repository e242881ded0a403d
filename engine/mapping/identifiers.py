"""Exact identifiers in one form, so that two systems that write them differently mean the same."""

import re

_DIGITS = re.compile(r"[^0-9]+")
_FILLER = re.compile(r"(.)\1*")
_TAX = re.compile(r"(^|_)(tax|vat|vkn|tckn|tin|nip|siren|registration)(_|$)")
_MAIL = re.compile(r"(^|_)(e?mail)(_|$)")
_PHONE = re.compile(r"(^|_)(phone|mobile|gsm|tel|fax)(_|$)")
_SHORTEST_TAX, _SHORTEST_PHONE = 5, 7


def identifier(scheme: str, text: str | None) -> str | None:
    """Return `scheme:value` in its normal form; None for what identifies nobody: blank, too short, 0000000000.

    What a scheme holds is told by its name: `tax_id`, `email`, `person_email`, `phone` ...; others are kept as written.
    """
    value = (text or "").strip()
    if _TAX.search(scheme):
        value = _digits(value, _SHORTEST_TAX)
    elif _MAIL.search(scheme):
        value = value.removeprefix("mailto:").casefold()
        value = value if value.count("@") == 1 and not value.startswith("@") and not value.endswith("@") else ""
    elif _PHONE.search(scheme):
        value = _digits(value.removeprefix("+").removeprefix("00"), _SHORTEST_PHONE)
    return f"{scheme}:{value}" if value else None


def _digits(text: str, shortest: int) -> str:
    digits = _DIGITS.sub("", text)
    return "" if len(digits) < shortest or _FILLER.fullmatch(digits) else digits
