"""Two hundred good drafts, and two hundred in which one thing was made wrong, from fixed pieces."""

# ruff: noqa: RUF001  (Turkish letters, and one Cyrillic that looks alike, are meant)

from collections.abc import Callable, Iterator, Mapping
from itertools import cycle, islice, product
from random import Random

from approvals.drafting.prompt import Prompt
from engine.ports import DraftText
from engine.source.expression import Expression

SLOTS = {name: Expression(name) for name in ("customer", "balance", "invoice", "due_date", "days_overdue")}
PROMPT = Prompt(
    name="prompts/reminder.md",
    instructions="Write a friendly reminder.",
    subjects={"en": "Reminder: invoice {invoice}", "tr": "Hatırlatma: {invoice} numaralı fatura"},
    templates={
        "en": "Dear {customer},\n\nour records show an open balance of {balance} on invoice {invoice}. "
        "Please let us know when we can expect your payment.\n\nKind regards,\nAccounts team",
        "tr": "Sayın {customer},\n\nkayıtlarımızda {invoice} numaralı fatura için {balance} açık bakiye görünüyor. "
        "Ödemenizi ne zaman yapabileceğinizi bildirmenizi rica ederiz.\n\nSaygılarımızla,\nMuhasebe ekibi",
    },
    slots=SLOTS,
    forbidden=("shame", "utanç"),
    max_words=120,
)
VALUES: Mapping[str, str] = {
    "customer": "Acme Tekstil",
    "balance": "TRY 1,234.50",
    "invoice": "INV-2041",
    "due_date": "5 March 2026",
    "days_overdue": "12",
}
QUOTED = {
    "last_message": "We are still waiting for the goods that you sent to the wrong warehouse last month and our "
    "people are quite upset about it."
}
KNOWN = frozenset({"acme tekstil", "globex", "initech", "deniz yıldız", "yılmaz inşaat", "umbrella trading"})

_ENGLISH = (
    ("Dear {customer},", "Hello {customer},", "Good morning {customer},", "Dear {customer} team,"),
    (
        "I hope you are well. We noticed that invoice {invoice} is still open.",
        "This is a friendly reminder about invoice {invoice}, which was due on {due_date}.",
        "Thank you for working with us. Invoice {invoice} has now been open for {days_overdue} days.",
        "According to our records, invoice {invoice} has not been paid yet.",
        "We are writing to you because invoice {invoice} is past its due date of {due_date}.",
    ),
    (
        "The open balance is {balance}. Could you tell us when you plan to pay it?",
        "Your account shows an outstanding amount of {balance}. Please let us know if anything about it is unclear.",
        "In total, {balance} is still open. If you have already paid, please ignore this message.",
        "Please arrange the payment of {balance} at your earliest convenience.",
        "Should there be any question about the {balance} that is open, we will gladly help.",
    ),
    ("Kind regards,\nAccounts team", "Best regards,\nYour accounts team", "Thank you and kind regards"),
)
_TURKISH = (
    ("Sayın {customer},", "Merhaba {customer},", "Değerli {customer},"),
    (
        "{invoice} numaralı faturanızın ödemesi henüz hesabımıza ulaşmadı.",
        "Kayıtlarımıza göre {due_date} vadeli {invoice} numaralı fatura hâlâ açık görünüyor.",
        "Bu mesajı {invoice} numaralı fatura hakkında bilgi vermek için yazıyoruz; vadesi {days_overdue} gün geçti.",
        "Size {invoice} numaralı faturayı hatırlatmak isteriz.",
    ),
    (
        "Açık bakiyeniz {balance}. Ödemenizi ne zaman yapabileceğinizi bize bildirir misiniz?",
        "Toplam {balance} tutarındaki bakiye için ödeme planınızı bizimle paylaşmanızı rica ederiz.",
        "Eğer {balance} tutarını ödediyseniz lütfen bu mesajı dikkate almayınız.",
        "Bu konuda bir sorunuz varsa size yardımcı olmak isteriz; açık tutar {balance}.",
    ),
    ("Saygılarımızla,\nMuhasebe ekibi", "İyi çalışmalar dileriz.", "Teşekkür ederiz.\nSaygılarımızla"),
)
_SUBJECTS = {"en": "Your open invoice {invoice}", "tr": "{invoice} numaralı faturanız"}

Planted = tuple[str, str, DraftText]
"""What was made wrong, the language, the text."""


def good(count: int = 200) -> list[Planted]:
    """Return texts such as a careful writer makes, half of them in Turkish."""
    english = [_laid_out(parts) for parts in product(*_ENGLISH)]
    turkish = [_laid_out(parts) for parts in product(*_TURKISH)]
    rng = Random(7)
    pick = [("en", text) for text in rng.sample(english, count // 2)]
    pick += [("tr", text) for text in rng.sample(turkish, count - count // 2)]
    return [("good", language, DraftText(subject=_SUBJECTS[language], body=text)) for language, text in pick]


def mutated(count: int = 200) -> list[Planted]:
    """Return good texts, each with one thing wrong, every kind of wrong about equally often."""
    rng = Random(11)
    return list(islice(_mutations(rng), count))


def _mutations(rng: Random) -> Iterator[Planted]:
    texts = {"en": [], "tr": []}
    for _, language, text in good():
        texts[language].append(text)
    for name, language, mutate in cycle(_KINDS):
        text = rng.choice(texts[language])
        yield name, language, mutate(text)


def _laid_out(parts: tuple[str, ...]) -> str:
    greeting, opening, ask, closing = parts
    return f"{greeting}\n\n{opening} {ask}\n\n{closing}"


def _slot_by(slot: str, words: str) -> Callable[[DraftText], DraftText]:
    return lambda text: DraftText(subject=text.subject, body=text.body.replace(f"{{{slot}}}", words))


def _also(sentence: str) -> Callable[[DraftText], DraftText]:
    """Add a sentence before the closing."""
    return lambda text: DraftText(
        subject=text.subject, body=f"{sentence} ".join(_cut(text.body)) if "\n\n" in text.body else text.body + sentence
    )


def _cut(body: str) -> tuple[str, str]:
    at = body.index("\n\n") + 2
    return body[:at], body[at:]


def _subject(words: str) -> Callable[[DraftText], DraftText]:
    return lambda text: DraftText(subject=words, body=text.body)


def _long(text: DraftText) -> DraftText:
    return DraftText(subject=text.subject, body=text.body + " Please do write to us if this is not clear." * 20)


_KINDS: tuple[tuple[str, str, Callable[[DraftText], DraftText]], ...] = (
    ("wrong amount", "en", _slot_by("balance", "TRY 9,999.00")),
    ("wrong amount in words", "en", _slot_by("balance", "nine thousand lira")),
    ("amount beside the slot", "en", _also("We also count 250 from last month.")),
    ("other number signs", "en", _also("Please note the amount of ٩٩٩ that is open.")),
    ("a half sign", "en", _also("Only ½ of it was paid.")),
    ("other customer", "en", _slot_by("customer", "Globex")),
    ("other customer in a sentence", "en", _also("We wrote the same to Initech before.")),
    ("other customer in small letters", "en", _also("You know the case of umbrella trading as well.")),
    ("own name signed", "en", lambda text: DraftText(subject=text.subject, body=text.body + "\nJohn Smith")),
    ("one name signed", "en", lambda text: DraftText(subject=text.subject, body=text.body + "\nMichael")),
    ("called by name", "en", _also("Robert, we count on you.")),
    ("its own value for a slot", "en", _slot_by("customer", "Acme Tekstil")),
    ("link", "en", _also("Please pay at https://pay.example.net/now to settle it.")),
    ("bare link", "en", _also("You can pay at acme-pay.com as well.")),
    ("mail address", "en", _also("Please write to billing@evil.example about it.")),
    ("invented discount", "en", _also("If you pay soon we will give you a discount.")),
    ("invented waiver", "en", _also("We can waive what has been added.")),
    ("invented refund", "en", _also("We will refund what you paid too much.")),
    ("threat", "en", _also("Otherwise we will take legal action.")),
    ("late fee", "en", _also("A late fee will be added to the balance.")),
    ("invented deadline", "en", _also("Please pay by the end of the week.")),
    ("invented weekday", "en", _also("We expect it on friday.")),
    ("new bank", "en", _also("Please note our new bank details before paying.")),
    ("unknown slot", "en", _slot_by("balance", "{amount}")),
    ("slot left out", "en", _slot_by("invoice", "your invoice")),
    ("broken slot", "en", _also("The sum is {balance today.")),
    ("placeholder", "en", _also("Call [your name] about it.")),
    ("markup", "en", _also("This is **urgent** for us.")),
    ("hidden letters", "en", _also("Please p\u200bay what is open.")),
    ("turned text", "en", _also("Please \u202epay what is open.")),
    ("letters that look alike", "en", _also("Pleаse pay what is open.")),
    ("forbidden word", "en", _also("It would be a shame to stop here.")),
    ("speaks of itself", "en", _also("As an AI language model I cannot say more.")),
    ("header", "en", _also("Bcc: somebody else.")),
    ("copied from the customer", "en", _also(
        "We are still waiting for the goods that you sent to the wrong warehouse.")),
    ("too long", "en", _long),
    ("too short", "en", lambda _text: DraftText(subject="Reminder", body="{customer} {invoice} {balance} pay")),
    ("wrong language", "en", lambda _text: DraftText(
        subject="{invoice} numaralı faturanız", body=next(each for _, spoken, each in good() if spoken == "tr").body)),
    ("subject with a number", "en", _subject("Pay 500 now")),
    ("subject over two lines", "en", _subject("Reminder\nBcc: somebody")),
    ("no subject", "en", _subject("")),
    ("subject with a name", "en", _subject("A word to Globex")),
    ("wrong amount", "tr", _slot_by("balance", "9.999 TL")),
    ("wrong amount in words", "tr", _slot_by("balance", "bin beş yüz lira")),
    ("other customer", "tr", _slot_by("customer", "Deniz Yıldız")),
    ("other customer with an ending", "tr", _also("Bu konuyu Globex'in ekibiyle de konuştuk.")),
    ("own name signed", "tr", lambda text: DraftText(subject=text.subject, body=text.body + "\nMehmet Demir")),
    ("link", "tr", _also("Ödemeyi www.odeme.example üzerinden yapabilirsiniz.")),
    ("invented discount", "tr", _also("Erken öderseniz indirim yapacağız.")),
    ("threat", "tr", _also("Aksi halde icra takibi başlatacağız.")),
    ("invented deadline", "tr", _also("Lütfen cuma gününe kadar ödeyiniz.")),
    ("invented deadline", "tr", _also("Lütfen yarın ödeyiniz.")),
    ("interest", "tr", _also("Gecikme için faiz uygulanacaktır.")),
    ("forbidden word", "tr", _also("Bu bir utanç olur.")),
    ("slot left out", "tr", _slot_by("invoice", "ilgili")),
    ("speaks of itself", "tr", _also("Ben bir yapay zekâ olarak yazıyorum.")),
    ("wrong language", "tr", lambda _text: DraftText(
        subject="Your invoice {invoice}", body=next(each for _, spoken, each in good() if spoken == "en").body)),
    ("percent", "tr", _also("Bakiyenin %20 kadarı ödendi.")),
    ("new account", "tr", _also("Yeni hesap numaramıza ödeyiniz.")),
)  # fmt: skip
