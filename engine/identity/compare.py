"""Whether two parties are one: the evidence side by side, each piece weighed, and a verdict that rather doubts.

The weights are bits, as in Fellegi and Sunter (1969): how much more likely a finding is between two records of one
party than between two parties. A name counts for more the fewer share it. What contradicts is never outvoted: two tax
numbers, or two trades, are two companies until a person says otherwise.
"""

from collections.abc import Iterator
from math import log2
from typing import Final, Literal

import msgspec
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from engine.identity.profile import Profile, shared

Outcome = Literal["same", "doubtful", "different"]
SAME: Final = 12.5
DOUBTFUL: Final = 6.0
_BENEFIT: Final = 8.0
_EQUAL, _NEAR, _LIKE, _UNLIKE = 0.999, 0.92, 0.84, 0.72
_COMMON_CORE: Final = 3


class Finding(msgspec.Struct, frozen=True):
    """One piece of evidence: what is compared, how it stands on either side, its weight in bits, and in words."""

    what: str
    left: str
    right: str
    bits: float
    note: str
    contradicts: bool = False


class Comparison(msgspec.Struct, frozen=True):
    """Two parties side by side."""

    findings: tuple[Finding, ...]
    outcome: Outcome
    bits: float

    @property
    def contradicted(self) -> bool:
        """Whether anything says that they are two."""
        return any(each.contradicts for each in self.findings)

    def has(self, what: str) -> bool:
        """Whether this is equal on both sides."""
        return any(each.what == what and each.note == "equal" for each in self.findings)


class Commonness(msgspec.Struct, frozen=True):
    """How many parties there are, and how many of them have this core name, this telephone, this mailbox."""

    parties: int = 2
    name: int = 1
    phone: int = 2
    mail: int = 2


def compare(left: Profile, right: Profile, common: Commonness | None = None) -> Comparison:
    """Weigh everything that two profiles have in common or not."""
    common = common or Commonness()
    findings = tuple(_findings(left, right, common))
    bits = round(sum(each.bits for each in findings), 1)
    return Comparison(findings, _outcome(findings, bits), bits)


def _outcome(findings: tuple[Finding, ...], bits: float) -> Outcome:
    against = any(each.contradicts for each in findings)
    named = any(each.what == "name" and each.bits > 0 for each in findings)
    reached = any(each.what in {"tax id", "phone", "mail", "address"} and each.bits >= 4 for each in findings)
    if bits >= SAME and named and reached and not against:
        return "same"
    return (
        "doubtful"
        if (named or reached) and bits >= DOUBTFUL - (8 if against else 0) and _alike(findings)
        else "different"
    )


def _alike(findings: tuple[Finding, ...]) -> bool:
    """Two contradictions are no doubt any more."""
    return sum(each.contradicts for each in findings) < 2


def likeness(left: Profile, right: Profile) -> float:
    """Return from 0 to 1 how alike two core names are, word by word or run together."""
    one, other = left.name, right.name
    if not one.core or not other.core:
        return 0.0
    if sorted(one.core) == sorted(other.core) or one.squeezed == other.squeezed:
        return 1.0
    squeezed = fuzz.ratio(one.squeezed, other.squeezed) / 100
    worded = fuzz.token_sort_ratio(" ".join(one.core), " ".join(other.core)) / 100
    return min(0.995, max(squeezed, worded, _weakest(one.core, other.core), _initials(one.core, other.core)))


def _weakest(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Return the likeness of the worst pair of words where both have as many: one foreign word is another name."""
    if len(one) != len(other):
        return 0.0
    return min(JaroWinkler.similarity(a, b) for a, b in zip(sorted(one), sorted(other), strict=True)) - 0.02


def _initials(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Return a likeness for names that abbreviate words of each other: `Mavi Deniz` and `M. Deniz`."""
    if len(one) != len(other) or one == other:
        return 0.0
    fits = all(a.startswith(b) or b.startswith(a) for a, b in zip(one, other, strict=True))
    return 0.9 if fits and any(a == b for a, b in zip(one, other, strict=True)) else 0.0


def _findings(left: Profile, right: Profile, common: Commonness) -> Iterator[Finding]:
    yield _name(left, right, common)
    yield from _trades(left, right)
    yield from _taxes(left, right)
    yield from _phones(left, right, common)
    yield from _mails(left, right, common)
    yield from _place(left, right)


def _name(left: Profile, right: Profile, common: Commonness) -> Finding:
    alike = likeness(left, right)
    rare = min(4.0, log2(max(2, common.parties) / max(1, common.name)) / 3) - (3 if common.name > _COMMON_CORE else 0)
    note = f"{alike:.0%} alike"
    if alike >= _EQUAL:
        bits, note = 7 + rare, f"the same core, which {common.name} of {common.parties} have"
    elif alike >= _NEAR:
        bits = 5.5 + rare
    elif alike >= _LIKE:
        bits = 3.0 + max(0.0, rare) / 2
    else:
        bits = -3.0 if alike >= _UNLIKE else -9.0
    return Finding("name", left.label, right.label, round(bits, 1), note)


def _trades(left: Profile, right: Profile) -> Iterator[Finding]:
    one, other = left.name.trades, right.name.trades
    if one and other:
        shown = (", ".join(sorted(one)), ", ".join(sorted(other)))
        if one & other:
            yield Finding("trade", *shown, 1.0, "in common")
        else:
            yield Finding("trade", *shown, -5.0, "none in common: perhaps a sister company", contradicts=True)
    elif one or other:
        yield Finding("trade", ", ".join(sorted(one)), ", ".join(sorted(other)), -2.0, "told by one alone")
    left_form, right_form = left.name.forms, right.name.forms
    if left_form and right_form and not left_form & right_form:
        shown = (", ".join(sorted(left_form)), ", ".join(sorted(right_form)))
        yield Finding("legal form", *shown, -4.0, "different", contradicts=True)


def _taxes(left: Profile, right: Profile) -> Iterator[Finding]:
    if left.taxes and right.taxes:
        shown = (", ".join(sorted(left.taxes)), ", ".join(sorted(right.taxes)))
        if left.taxes & right.taxes:
            yield Finding("tax id", *shown, 14.0, "equal")
        else:
            yield Finding("tax id", *shown, -12.0, "two numbers are two taxpayers", contradicts=True)


def _phones(left: Profile, right: Profile, common: Commonness) -> Iterator[Finding]:
    if left.phones and right.phones:
        shown = (", ".join(sorted(left.phones)), ", ".join(sorted(right.phones)))
        if left.phones & right.phones:
            many = common.phone > 2
            yield Finding(
                "phone", *shown, 2.0 if many else 6.0, f"equal, on {common.phone} parties" if many else "equal"
            )
        else:
            yield Finding("phone", *shown, -1.0, "different")


def _mails(left: Profile, right: Profile, common: Commonness) -> Iterator[Finding]:
    if not (left.mails and right.mails):
        return
    shown = (", ".join(sorted(left.mails)), ", ".join(sorted(right.mails)))
    same = left.mails & right.mails
    if same and common.mail > 2:
        yield Finding("mail", *shown, 2.0, f"a mailbox of {common.mail} parties")
    elif same and all(map(shared, same)):
        yield Finding("mail", *shown, 4.0, "the same mailbox, of a kind that companies share")
    elif same:
        yield Finding("mail", *shown, 6.5, "the same mailbox")
    elif left.domains & right.domains:
        yield Finding("mail", *shown, 4.0, "the same domain")
    elif left.domains and right.domains:
        yield Finding("mail", *shown, -3.0, "other domains")


def _place(left: Profile, right: Profile) -> Iterator[Finding]:
    near = bool(left.city and right.city) and fuzz.ratio(left.city, right.city) >= 85
    if left.address and right.address:
        shown = (" ".join(sorted(left.address)), " ".join(sorted(right.address)))
        alike = fuzz.token_set_ratio(*shown) / 100
        if alike >= 0.85 and (near or not (left.city and right.city)):
            yield Finding("address", *shown, 4.5, f"{alike:.0%} alike")
        elif alike < 0.6:
            yield Finding("address", *shown, -0.5, "different; companies move")
    if left.city and right.city:
        yield Finding("city", left.city, right.city, 1.0 if near else -2.0, "the same" if near else "different")
