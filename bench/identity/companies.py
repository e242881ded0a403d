"""Invented companies, among them groups whose companies share name, address, telephone and mailbox.

Written from how companies are called and registered, without looking at the matcher; it imports nothing of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

_SYLLABLES_TEXT: Final = """
    ak al an ar as at ba be bo ca ce de di do du el en er es fa fi ga ge gö gü ha hi ın iz ka ke kı ko ku la le
    li ma me mi mu na ne nu ol or öz pa pe ra re ri sa se si so sü ta te ti to tu ul un ur va ve ya ye yı yo zü
    ze şa şe çi ça ğa nde rka lma rta nka rsa lde rdi mbe ste hof berg stein feld mann bach thal
"""
SYLLABLES: Final = tuple(_SYLLABLES_TEXT.split())
_WORDS_TEXT: Final = """
    Akdeniz Altın Anadolu Ankara Aras Başak Bereket Birlik Boğaz Çağ Çınar Deniz Doğa Doğu Ege Emek Erciyes
    Fırat Güneş Güven Hisar Işık İpek Kale Kardeş Karadeniz Kuzey Marmara Mavi Meriç Özen Öz Pınar Safir Selçuk
    Şahin Toros Tuna Uludağ Ümit Yıldız Yeni Zafer Zirve Nord Rhein Süd Müller Schäfer Krüger Böhm Jäger Weiß
    Groß
"""
WORDS: Final = tuple(_WORDS_TEXT.split())
TRADES: Final = (
    "İnşaat", "Gıda", "Tekstil", "Lojistik", "Otomotiv", "Makina", "Elektrik", "Kimya", "Mobilya", "Turizm",
    "Mühendislik", "Plastik", "Ambalaj", "Metal", "Tarım", "Bilişim", "Enerji", "Nakliyat", "Yapı", "Medikal",
)  # fmt: skip
GERMAN_TRADES: Final = ("Bau", "Maschinenbau", "Elektro", "Spedition", "Handel", "Technik", "Kunststoff", "Verpackung")
FORMS: Final = ("A.Ş.", "Ltd. Şti.", "San. ve Tic. A.Ş.", "San. ve Tic. Ltd. Şti.", "Tic. Ltd. Şti.")
GERMAN_FORMS: Final = ("GmbH", "GmbH & Co. KG", "AG", "KG", "UG (haftungsbeschränkt)")
CITIES: Final = ("İstanbul", "Ankara", "İzmir", "Bursa", "Antalya", "Konya", "Adana", "Gaziantep", "Kayseri", "Denizli")
GERMAN_CITIES: Final = ("Berlin", "Hamburg", "München", "Köln", "Frankfurt am Main", "Düsseldorf", "Nürnberg")
STREETS: Final = (
    "Atatürk Cad.", "Cumhuriyet Cad.", "İnönü Bulvarı", "Gazi Sok.", "Sanayi Mah. 12. Sok.",
    "Organize San. Böl. 3. Cad.",
    "Barbaros Bulvarı", "Fevzi Çakmak Cad.", "Mimar Sinan Cad.", "Bağdat Cad.", "Kazım Karabekir Cad.", "Lale Sok.",
)  # fmt: skip
GERMAN_STREETS: Final = ("Hauptstraße", "Bahnhofstraße", "Industriestraße", "Gartenweg", "Schillerstraße", "Am Hafen")
MAILBOXES: Final = ("info", "muhasebe", "satis", "iletisim", "finans")
GERMAN_MAILBOXES: Final = ("info", "buchhaltung", "kontakt", "rechnung")
PUBLIC: Final = ("gmail.com", "hotmail.com", "yahoo.com")
_PLAIN: Final = str.maketrans("çğıöşüÇĞİÖŞÜäßÄ", "cgiosuCGIOSUasA")


@dataclass(frozen=True)
class Party:
    """One company as one system knows it; `truth` names the company."""

    id: str
    truth: int
    name: str
    tax_id: str = ""
    city: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    german: bool = field(default=False, compare=False)
    parts: tuple[str, str, str] = field(default=("", "", ""), compare=False)
    """Core, trade and legal form, for whoever writes the name another way."""


def companies(random: Random, count: int) -> Iterator[Party]:
    """Yield companies, every eighth with a sister that shares its name and ways to be reached."""
    truth = 0
    while truth < count:
        first = company(random, truth)
        yield first
        truth += 1
        if truth < count and random.random() < 0.125:
            yield sister(random, first, truth)
            truth += 1


def company(random: Random, truth: int) -> Party:
    """Return a company of its own."""
    german = random.random() < 0.2
    core = coined(random) if random.random() < 0.6 else " ".join(random.sample(WORDS, random.choice((1, 2, 2, 2))))
    trade = random.choice(GERMAN_TRADES if german else TRADES) if random.random() < 0.85 else ""
    form = random.choice(GERMAN_FORMS if german else FORMS)
    domain = "".join(letter for letter in core.translate(_PLAIN).lower() if letter.isalnum())
    domain = f"{domain}{random.choice(('', '', trade.translate(_PLAIN).lower()[:4]))}.{'de' if german else 'com.tr'}"
    mailbox = random.choice(GERMAN_MAILBOXES if german else MAILBOXES)
    email = f"{mailbox}@{domain}" if random.random() < 0.8 else f"{domain.split('.')[0]}@{random.choice(PUBLIC)}"
    return Party(
        id=f"a{truth}",
        truth=truth,
        name=" ".join(part for part in (core, trade, form) if part),
        tax_id=str(random.randrange(10**9, 10**10)),
        city=random.choice(GERMAN_CITIES if german else CITIES),
        address=f"{random.choice(GERMAN_STREETS if german else STREETS)} No: {random.randrange(1, 200)}",
        phone=telephone(random, german=german),
        email=email,
        german=german,
        parts=(core, trade, form),
    )


def sister(random: Random, first: Party, truth: int) -> Party:
    """Return another company of the same owners: its own number and trade, often the same desk."""
    core, trade, _ = first.parts
    other = random.choice([each for each in (GERMAN_TRADES if first.german else TRADES) if each != trade])
    form = random.choice(GERMAN_FORMS if first.german else FORMS)
    return replace(
        first,
        id=f"a{truth}",
        truth=truth,
        name=f"{core} {other} {form}",
        tax_id=str(random.randrange(10**9, 10**10)),
        phone=first.phone if random.random() < 0.5 else telephone(random, german=first.german),
        parts=(core, other, form),
    )


def coined(random: Random) -> str:
    """Return a word that means nothing, as many companies are called."""
    word = "".join(random.choice(SYLLABLES) for _ in range(random.choice((3, 3, 4))))
    word = word.replace("i", "İ", 1).capitalize() if word[0] == "i" else word.capitalize()
    return word if random.random() < 0.7 else f"{word} {random.choice(WORDS)}"


def telephone(random: Random, *, german: bool) -> str:
    """Return a number as it is written in its country."""
    if german:
        return f"+49 {random.choice((30, 40, 89, 221, 69))} {random.randrange(10**6, 10**8)}"
    area, first = random.choice((212, 216, 312, 232, 224, 242, 332)), random.randrange(200, 999)
    return f"0{area} {first} {random.randrange(10, 99)} {random.randrange(10, 99)}"
