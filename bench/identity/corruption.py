"""What happens to a company's data on its way through people and systems: the second system's view of it.

Kept apart from the matcher, which it must not know: this file says how data goes wrong, and nothing of how it is read.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final

from bench.identity.companies import CITIES, GERMAN_CITIES, GERMAN_STREETS, STREETS, Party, companies, telephone

_ASCII: Final = str.maketrans("çğıöşüÇĞİÖŞÜäÄ", "cgiosuCGIOSUaA")
_GERMAN: Final = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
_SHORT: Final = {
    "İnşaat": "İnş.", "Tekstil": "Teks.", "Otomotiv": "Oto.", "Elektrik": "Elk.", "Mühendislik": "Müh.",
    "Lojistik": "Loj.", "Turizm": "Tur.", "Makina": "Mak.", "Nakliyat": "Nak.", "Mobilya": "Mob.", "Plastik": "Plas.",
}  # fmt: skip
_FORMS: Final = {
    "A.Ş.": ("AŞ", "Anonim Şirketi", "A.S.", ""),
    "Ltd. Şti.": ("LTD ŞTİ", "Limited Şirketi", "Ltd.", "Ltd.Şti.", ""),
    "San. ve Tic. A.Ş.": ("Sanayi ve Ticaret A.Ş.", "San.Tic.A.Ş.", "A.Ş.", ""),
    "San. ve Tic. Ltd. Şti.": ("Sanayi ve Ticaret Limited Şirketi", "San.Tic.Ltd.Şti.", "Ltd. Şti.", ""),
    "Tic. Ltd. Şti.": ("Ticaret Limited Şirketi", "Ltd. Şti.", ""),
    "GmbH": ("G.m.b.H.", "gmbh", ""),
    "GmbH & Co. KG": ("GmbH und Co KG", "GmbH + Co. KG", "KG", ""),
    "AG": ("A.G.", "Aktiengesellschaft", ""),
    "KG": ("K.G.", ""),
    "UG (haftungsbeschränkt)": ("UG", ""),
}
_KEYS: Final = "qwertyuiop asdfghjkl zxcvbnm"


def labelled(seed: int, count: int) -> list[Party]:
    """Return two systems' views: every company once as it is, six in ten of them a second time as it became."""
    random = Random(seed)
    clean = list(companies(random, count))
    again = [corrupted(random, party) for party in clean if random.random() < 0.6]
    return shuffled(random, [*clean, *again])


def shuffled(random: Random, parties: Sequence[Party]) -> list[Party]:
    """Return them in no order, with ids that tell nothing."""
    found = list(parties)
    random.shuffle(found)
    return [replace(party, id=f"p{number}") for number, party in enumerate(found)]


def corrupted(random: Random, party: Party) -> Party:
    """Return a company as another system has it."""
    return replace(
        party,
        id=f"b{party.truth}",
        name=_name(random, party),
        tax_id=party.tax_id if random.random() < 0.25 else "",
        **_place(random, party),
        phone=_phone(random, party),
        email=_email(random, party),
    )


def _name(random: Random, party: Party) -> str:
    core, trade, form = party.parts
    if random.random() < 0.25:
        core = _mistyped(random, core)
    if random.random() < 0.08:
        core = _mistyped(random, core)
    if " " in core and random.random() < 0.12:
        core = core.replace(" ", "", 1)
    if " " in core and random.random() < 0.05:
        core = f"{core[0]}. {core.partition(' ')[2]}"
    trade = _SHORT.get(trade, trade) if random.random() < 0.35 else trade
    trade = "" if random.random() < 0.15 else trade
    form = random.choice(_FORMS.get(form, ("",))) if random.random() < 0.6 else form
    name = " ".join(part for part in (core, trade, form) if part)
    if random.random() < 0.4:
        name = _without_marks(random, name)
    if random.random() < 0.35:
        name = name.upper()
    return name


def _without_marks(random: Random, text: str) -> str:
    if random.random() < 0.5:
        for letter, written in _GERMAN.items():
            text = text.replace(letter, written) if letter in "äßÄ" or random.random() < 0.5 else text
    return text.translate(_ASCII).replace("ß", "ss")


def _mistyped(random: Random, text: str) -> str:
    if len(text) < 4:
        return text
    at = random.randrange(1, len(text) - 1)
    kind = random.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 2:
        return text[:at] + random.choice(_KEYS.replace(" ", "")) + text[at + 1 :]
    return text[:at] + text[at] + text[at:]


def _place(random: Random, party: Party) -> dict[str, str]:
    if random.random() < 0.12:  # it has moved
        streets, cities = (GERMAN_STREETS, GERMAN_CITIES) if party.german else (STREETS, CITIES)
        city = random.choice(cities) if random.random() < 0.4 else party.city
        return {"city": city, "address": f"{random.choice(streets)} No: {random.randrange(1, 200)}"}
    address, city = party.address, party.city
    if random.random() < 0.4:
        address = (
            address.replace("No: ", "No:").replace("Cad.", "Caddesi").replace("Sok.", "Sk.").replace("straße", "str.")
        )
    if random.random() < 0.35:
        address, city = _without_marks(random, address), _without_marks(random, city)
    return {"city": "" if random.random() < 0.08 else city, "address": "" if random.random() < 0.2 else address}


def _phone(random: Random, party: Party) -> str:
    chance = random.random()
    if chance < 0.15:
        return ""
    if chance < 0.25:
        return telephone(random, german=party.german)
    if chance < 0.6 and not party.german:
        return "+90" + party.phone.replace(" ", "")[1:]
    return party.phone.replace(" ", "") if chance < 0.8 else party.phone


def _email(random: Random, party: Party) -> str:
    chance, (mailbox, _, domain) = random.random(), party.email.partition("@")
    if chance < 0.18:
        return ""
    if chance < 0.42:  # another mailbox of the same company
        return f"{random.choice(('info', 'siparis', 'ahmet.yilmaz', 'muhasebe', 'office'))}@{domain}"
    if chance < 0.5:
        return f"{domain.split('.')[0]}{random.randrange(100)}@gmail.com"
    return f"{mailbox}@{domain}".upper() if chance < 0.6 else party.email
