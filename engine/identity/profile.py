"""What is compared of a party: its name taken apart, where it is, and how it is reached."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from engine.identity.names import Name, name_of, words
from engine.mapping.identifiers import family, identifier
from engine.model.structs import Evidence

_PUBLIC_TEXT: Final = """
    gmail.com googlemail.com hotmail.com hotmail.com.tr outlook.com outlook.com.tr live.com msn.com yahoo.com
    yahoo.com.tr yahoo.de icloud.com me.com yandex.com yandex.com.tr mynet.com superonline.com ttmail.com gmx.de
    gmx.net web.de t-online.de freenet.de aol.com proton.me protonmail.com
"""
PUBLIC: Final = frozenset(_PUBLIC_TEXT.split())
"""Domains where anyone may have an address."""
_ROLES_TEXT: Final = """
    info bilgi iletisim contact kontakt office ofis buro buero mail posta email muhasebe accounting accounts
    finans finance buchhaltung rechnung rechnungen invoice invoices fatura satis sales verkauf satinalma
    purchasing einkauf destek support service servis admin yonetim sekreter sekreterlik hr ik noreply no-reply
    post zentrale siparis order orders billing ap ar
"""
ROLES: Final = frozenset(_ROLES_TEXT.split())
"""Mailboxes that several people, and often several companies of one owner, share."""
_ROLE: Final = re.compile(r"[^a-z-]+")


class Profile(msgspec.Struct, frozen=True):
    """One party as it is compared."""

    name: Name
    label: str = ""
    city: str = ""
    address: frozenset[str] = frozenset()
    mails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    taxes: frozenset[str] = frozenset()

    @property
    def domains(self) -> frozenset[str]:
        """Return the mail domains that belong to somebody."""
        return frozenset(domain for mail in self.mails if (domain := mail.partition("@")[2]) not in PUBLIC)


def shared(mail: str) -> bool:
    """Whether a mailbox is one that companies share, rather than a person's."""
    return _ROLE.sub("", mail.partition("@")[0]) in ROLES


def profile(evidence: Evidence, values: Mapping[str, Any], keys: Iterable[str]) -> Profile:
    """Make the profile of a party from its fields and its identifiers (`scheme:value`)."""

    def text(field: str | None) -> str:
        value = values.get(field) if field else None
        return value if isinstance(value, str) else ""

    country = evidence.country or ""
    found: dict[str, set[str]] = {"tax": set(), "mail": set(), "phone": set()}
    for key in keys:
        scheme, colon, value = key.partition(":")
        kind = family(scheme) if colon and "/" not in scheme else ""
        if kind:
            again = identifier("phone", value, country) if kind == "phone" else None
            found[kind].add(again.partition(":")[2] if again else value)
    for kind, scheme, field in (("mail", "email", evidence.email), ("phone", "phone", evidence.phone)):
        known = identifier(scheme, text(field), country)
        if known:
            found[kind].add(known.partition(":")[2])
    label = text(evidence.name)
    return Profile(
        name=name_of(label),
        label=label,
        city=" ".join(words(text(evidence.city))),
        address=frozenset(words(text(evidence.address))),
        mails=frozenset(found["mail"]),
        phones=frozenset(found["phone"]),
        taxes=frozenset(found["tax"]),
    )
