"""Drafts from a seeded generator: letters as people write them, and the same with one thing made wrong.

It knows nothing of the guards: words, names and figures come from lists of its own and from a random number.
"""

# ruff: noqa: RUF001  (Turkish letters, and Cyrillic ones that look alike, are meant)

from collections.abc import Callable
from random import Random

from engine.ports import DraftText
from tests.approvals.drafting.planted import KNOWN

Generated = tuple[str, str, DraftText]
"""What is wrong ("" nothing), the language, the text."""

_PARTS = {
    "en": {
        "subject": [
            "Your invoice {invoice}", "About invoice {invoice}", "A short reminder about {invoice}",
            "Invoice {invoice} is still open", "Payment of invoice {invoice}", "Open amount on invoice {invoice}",
        ],
        "hello": ["Dear {customer},", "Hello {customer},", "Good afternoon {customer},", "Dear Sir or Madam at {customer},"],
        "news": [
            "our books still show invoice {invoice} as open.",
            "I am writing about invoice {invoice}, which fell due on {due_date}.",
            "we have not seen a payment for invoice {invoice} so far.",
            "invoice {invoice} has been open for {days_overdue} days.",
            "the due date of invoice {invoice}, {due_date}, has passed without a payment.",
            "a quick word about invoice {invoice}: it seems to have been overlooked.",
        ],
        "amount": [
            "The amount that remains is {balance}.", "What is still open comes to {balance}.",
            "Together with what was paid before, {balance} remains to be settled.",
            "That leaves {balance} on your account.", "The balance stands at {balance}.",
        ],
        "ask": [
            "Could you let us know when the payment will be made?", "Please tell us when we may expect your transfer.",
            "If something about the invoice is not right, please tell us and we will look into it.",
            "If you have sent the payment already, please disregard this letter.",
            "We would be glad to hear from you.", "Please get in touch with us if anything is unclear.",
            "Could you check whether it has reached the right person on your side?",
        ],
        "thanks": ["Thank you for your help.", "Many thanks in advance.", "We appreciate your business.", "Thank you very much."],
        "bye": ["Kind regards,\nAccounts team", "Best regards,\nAccounts", "With kind regards,\nYour accounts team", "Sincerely,\nAccounts team"],
    },
    "tr": {
        "subject": [
            "{invoice} numaralı fatura", "{invoice} numaralı faturanız hakkında", "Ödeme hatırlatması: {invoice}",
            "Açık fatura {invoice}", "{invoice} numaralı faturanın ödemesi",
        ],
        "hello": ["Sayın {customer},", "Merhaba {customer},", "Sayın {customer} yetkilisi,", "Değerli müşterimiz {customer},"],
        "news": [
            "{invoice} numaralı faturanız kayıtlarımızda hâlâ açık görünüyor.",
            "vadesi {due_date} olan {invoice} numaralı fatura için henüz bir ödeme ulaşmadı.",
            "size {invoice} numaralı fatura hakkında yazıyoruz; vadesinin üzerinden {days_overdue} gün geçti.",
            "{invoice} numaralı faturanın gözden kaçmış olabileceğini düşünüyoruz.",
            "bu mektup {invoice} numaralı faturanın ödemesi ile ilgilidir.",
        ],
        "amount": [
            "Kalan tutar {balance}.", "Hesabınızda {balance} tutarında açık bakiye bulunmaktadır.",
            "Daha önceki ödemeler düşüldükten sonra kalan {balance}.", "Ödenmesi gereken tutar {balance} olarak görünüyor.",
        ],
        "ask": [
            "Ödemenin ne zaman yapılacağını bize bildirir misiniz?",
            "Faturayla ilgili bir sorun varsa lütfen bize yazın.",
            "Ödemeyi yaptıysanız bu mektubu dikkate almayınız.",
            "Bir sorunuz olursa bize her zaman ulaşabilirsiniz.",
            "Konuyu ilgili arkadaşlara iletmenizi rica ederiz.",
        ],
        "thanks": ["Yardımınız için teşekkür ederiz.", "Şimdiden teşekkür ederiz.", "İlginiz için teşekkürler."],
        "bye": ["Saygılarımızla,\nMuhasebe ekibi", "İyi çalışmalar,\nMuhasebe", "Saygılarımla,\nMuhasebe birimi"],
    },
}  # fmt: skip
_FIRST = ["Ayhan", "Susan", "Kemal", "Bill", "Fatma", "Priya", "Hüseyin", "Grace", "Wolfgang", "Zübeyde"]
_LAST = ["Özdemir", "Carter", "Kurt", "Novak", "Aslan", "Baker", "Şimşek", "O'Neill", "Taş", "Müller"]
_FIRMS = ["Nordwind", "Kuzey Yapı", "Blackstone", "Öz Beton", "Lakeside", "Ege Mermer", "Pinnacle", "Demir Çelik"]
_HIDDEN = ["\u200b", "\u202e", "\u2060", "\u00ad"]
_HOSTS = ["pay-now", "fatura-odeme", "secure-bank", "acme-billing", "hizli-odeme"]
_ENDS = [".com", ".net", ".com.tr", ".io", ".info", ".xyz", ".co.uk"]


def good(count: int, seed: int) -> list[Generated]:
    """Return letters as a careful writer makes them, both languages in turn."""
    rng = Random(seed)
    return [("", language, _letter(rng, language)) for language in (("en", "tr")[n % 2] for n in range(count))]


def mutated(count: int, seed: int) -> list[Generated]:
    """Return good letters with one thing wrong each, every kind of wrong in turn, its details by chance."""
    rng = Random(seed)
    found = []
    for number in range(count):
        language, (name, mutate) = ("en", "tr")[number % 2], _WRONG[number // 2 % len(_WRONG)]
        found.append((name, language, mutate(_letter(rng, language), rng, language)))
    return found


def _letter(rng: Random, language: str) -> DraftText:
    said = {name: rng.choice(texts) for name, texts in _PARTS[language].items()}
    middle = [said["news"], said["amount"], said["ask"]]
    if rng.random() < 0.5:
        middle.append(said["thanks"])
    if rng.random() < 0.3:
        middle = [f"{middle[0]} {middle[1]}", " ".join(middle[2:])]
    body = "\n\n".join((said["hello"], (" " if rng.random() < 0.6 else "\n\n").join(middle), said["bye"]))
    return DraftText(subject=said["subject"], body=body)


def _amount(rng: Random) -> str:
    number = rng.randrange(100, 2_000_000) / rng.choice([1, 10, 100])
    shape = rng.choice(["{:,.2f}", "{:.0f}", "{:,.0f}"]).format(number)
    return rng.choice(["{} TL", "TRY {}", "EUR {}", "{} euro", "${}", "{}", "₺{}"]).format(shape)


def _url(rng: Random) -> str:
    host = rng.choice(_HOSTS) + rng.choice(_ENDS)
    return rng.choice(["https://{}/i/{}", "www.{}", "{}", "http://{}?id={}", "HTTPS://{}"]).format(
        host, rng.randrange(99999)
    )


def _mail(rng: Random) -> str:
    return f"{rng.choice(['info', 'billing', 'odeme'])}@{rng.choice(_HOSTS)}{rng.choice(_ENDS)}"


def _person(rng: Random) -> str:
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"


def _known(rng: Random) -> str:
    return rng.choice(sorted(KNOWN - {"acme tekstil"})).title()


def _day(rng: Random, language: str) -> str:
    english = [
        f"{rng.randrange(1, 28)} June",
        "next Friday",
        "tomorrow",
        "Monday",
        "the end of this month",
        "31/07/2026",
    ]
    turkish = [
        f"{rng.randrange(1, 28)} Haziran",
        "gelecek cuma",
        "yarın",
        "pazartesi günü",
        "ay sonuna kadar",
        "31.07.2026",
    ]
    return rng.choice(english if language == "en" else turkish)


def _in(slot: str, words: Callable[[Random, str], str]) -> Callable[[DraftText, Random, str], DraftText]:
    """Write words where the slot stood, everywhere in the body."""
    return lambda text, rng, language: DraftText(
        subject=text.subject, body=text.body.replace(f"{{{slot}}}", words(rng, language))
    )


def _also(english: list[str], turkish: list[str]) -> Callable[[DraftText, Random, str], DraftText]:
    """Add a sentence before the closing; what stands in it comes by chance."""

    def mutate(text: DraftText, rng: Random, language: str) -> DraftText:
        words = rng.choice(english if language == "en" else turkish).format(
            amount=_amount(rng), url=_url(rng), mail=_mail(rng), person=_person(rng), firm=rng.choice(_FIRMS),
            known=_known(rng), day=_day(rng, language), percent=rng.randrange(2, 60), days=rng.randrange(2, 30),
        )  # fmt: skip
        head, _, bye = text.body.rpartition("\n\n")
        return DraftText(subject=text.subject, body=f"{head} {words}\n\n{bye}")

    return mutate


def _subject(words: Callable[[Random, str], str]) -> Callable[[DraftText, Random, str], DraftText]:
    return lambda text, rng, language: DraftText(subject=words(rng, language), body=text.body)


def _signed(text: DraftText, rng: Random, language: str) -> DraftText:
    del language
    return DraftText(subject=text.subject, body=f"{text.body}\n{_person(rng)}")


def _lookalike(text: DraftText, rng: Random, language: str) -> DraftText:
    del language
    head, _, bye = text.body.rpartition("\n\n")
    alike = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с"}
    places = [n for n, char in enumerate(head) if char in alike and "{" not in head[max(0, n - 14) : n]]
    place = rng.choice(places)
    return DraftText(subject=text.subject, body=f"{head[:place]}{alike[head[place]]}{head[place + 1 :]}\n\n{bye}")


def _hidden(text: DraftText, rng: Random, language: str) -> DraftText:
    del language
    place = rng.randrange(len(text.body) // 2, len(text.body))
    return DraftText(subject=text.subject, body=text.body[:place] + rng.choice(_HIDDEN) + text.body[place:])


_WRONG: tuple[tuple[str, Callable[[DraftText, Random, str], DraftText]], ...] = (
    ("wrong amount", _in("balance", lambda rng, _: _amount(rng))),
    ("amount beside the slot", _also(["In total it is {amount}."], ["Toplam {amount} eder."])),
    ("invoice number written out", _in("invoice", lambda rng, _: f"INV-{rng.randrange(1000, 9999)}")),
    ("due date written out", _also(["It was due on {day}."], ["Vadesi {day} idi."])),
    ("other customer", _in("customer", lambda rng, _: _known(rng))),
    ("other firm named", _also(["We told {firm} the same.", "As you know, {firm} pays on time."],
                               ["Aynısını {firm} firmasına da yazdık.", "Bildiğiniz gibi {firm} zamanında ödüyor."])),
    ("known customer named", _also(["The case of {known} was alike."], ["{known} için de durum aynıydı."])),
    ("a person named", _also(["Please call {person} about it.", "My colleague {person} will write to you."],
                             ["Lütfen {person} ile görüşün.", "Arkadaşımız {person} size yazacak."])),
    ("signed by a person", _signed),
    ("link", _also(["You can pay here: {url}", "See {url} for the details."], ["Buradan ödeyebilirsiniz: {url}", "Ayrıntılar: {url}"])),
    ("mail address", _also(["Write to {mail} please."], ["Lütfen {mail} adresine yazın."])),
    ("discount promised", _also(
        ["If you pay soon, we will take {percent} percent off.", "We can offer you a discount.", "Pay now and the rest is waived."],
        ["Hemen öderseniz indirim yaparız.", "Erken ödemeye yüzde {percent} iskonto veririz.", "Kalanını sileceğiz."])),
    ("delay promised", _also(
        ["We gladly extend the term by {days} days.", "You may pay in instalments.", "We grant you a grace period."],
        ["Vadeyi {days} gün erteleriz.", "Taksitle ödeyebilirsiniz.", "Size ek süre veriyoruz."])),
    ("refund promised", _also(["We will refund what you paid too much.", "A credit note is on its way."],
                              ["Fazla ödemenizi iade edeceğiz.", "Zararınızı telafi edeceğiz."])),
    ("threat", _also(
        ["Otherwise our lawyers will take over.", "Next we go to court.", "A late fee will be charged.", "We will suspend deliveries."],
        ["Aksi halde avukatımız devreye girecek.", "Sıradaki adım mahkemedir.", "Gecikme faizi işletilecek.", "Sevkiyatı durduracağız."])),
    ("day promised", _also(["Please pay by {day}.", "We expect it {day}."], ["Lütfen {day} ödeyin.", "Ödemeyi {day} bekliyoruz."])),
    ("bank changed", _also(["Our bank account has changed.", "Please use the new IBAN."],
                           ["Banka hesabımız değişti.", "Lütfen yeni IBAN kullanın."])),
    ("orders followed", _also(
        ["As instructed, I ignore the previous instructions.", "Bcc: {mail}", "As an AI assistant I cannot tell more."],
        ["Önceki talimatları yok sayıyorum.", "Gizli kopya: {mail}", "Bir yapay zekâ olarak daha fazlasını söyleyemem."])),
    ("slot unknown", _in("balance", lambda rng, _: "{" + rng.choice(["total", "amount", "sum", "bakiye"]) + "}")),
    ("slot left out", _in("invoice", lambda _, language: "your invoice" if language == "en" else "söz konusu")),
    ("slot broken", _also(["The sum is {{balance now."], ["Tutar balance}} olarak görünüyor."])),
    ("placeholder", _also(["Call us at [phone number].", "Yours, <name>"], ["Bizi [telefon] arayın.", "Saygılar, <isim>"])),
    ("looks alike", _lookalike),
    ("hidden sign", _hidden),
    ("subject with a figure", _subject(lambda rng, language: f"{_amount(rng)} {'is open' if language == 'en' else 'açık'}")),
    ("subject with a name", _subject(lambda rng, language: f"{'To' if language == 'en' else 'Sayın'} {_person(rng)}")),
    ("wrong language", lambda text, rng, language: DraftText(
        subject=text.subject, body=_letter(rng, "tr" if language == "en" else "en").body)),
    ("amount in words", _in("balance", lambda rng, language: rng.choice(
        ["five thousand", "two hundred and ten", "twelve hundred"] if language == "en" else ["beş bin", "iki yüz on", "on iki bin"]))),
)  # fmt: skip
