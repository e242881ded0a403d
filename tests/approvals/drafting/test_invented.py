"""Wrong drafts of other kinds are caught, and letters as people write them are not refused for it."""

# ruff: noqa: RUF001  (Turkish letters are meant)

import pytest

from approvals.drafting.guards import check
from engine.ports import DraftText
from tests.approvals.drafting.invented import invented
from tests.approvals.drafting.test_guards import rules

NATURAL = {
    "en": (
        "I am reaching out regarding invoice {invoice}, for which we have not yet received payment.",
        "The amount of {balance} was due on {due_date} and remains outstanding.",
        "If the payment is already on its way, please accept our thanks and disregard this note.",
        "Please don't hesitate to contact us if you have any questions or if there is a problem with the invoice.",
        "We would appreciate it if you could arrange payment at your earliest convenience.",
        "Could you please confirm when we can expect the transfer?",
        "We understand that things get busy, and an invoice can easily slip through.",
        "If you need a copy of the invoice, just reply to this email and we will send it to you.",
        "We value our working relationship and would like to resolve this together.",
        "If there is a reason the payment is delayed, please let us know so that we can find a solution.",
        "Your prompt attention to this matter would be greatly appreciated.",
        "We look forward to hearing from you.",
        "Should you require any further information, we would be happy to assist.",
        "As of now, the balance of {balance} is still showing on your account.",
        "Would you be so kind as to check this with your colleagues?",
        "It would help us a great deal to know when you intend to pay.",
        "Perhaps the invoice has not reached the right person; in that case we can send it again.",
        "We have been working together for a long time and know that you usually pay on time.",
        "Please use the invoice number {invoice} as the reference of your transfer.",
        "Thank you for taking care of this.",
    ),
    "tr": (
        "{invoice} numaralı faturamıza ilişkin ödemenizin henüz tarafımıza ulaşmadığını fark ettik.",
        "Vadesi {due_date} olan {balance} tutarındaki ödemeniz gecikmiş görünmektedir.",
        "Ödemeyi gerçekleştirdiyseniz bu mesajı dikkate almamanızı rica ederiz.",
        "Herhangi bir sorunuz olursa bizimle iletişime geçmekten çekinmeyiniz.",
        "Ödemenizi en kısa sürede gerçekleştirmenizi rica ederiz.",
        "Ödemenin planlanan tarihini bizimle paylaşabilirseniz memnun oluruz.",
        "Yoğunluk nedeniyle gözden kaçmış olabileceğini düşünüyoruz.",
        "Faturanın bir kopyasına ihtiyacınız olursa hemen iletebiliriz.",
        "Sizinle çalışmaktan memnuniyet duyuyoruz.",
        "Ödemeyle ilgili bir sıkıntı varsa birlikte çözüm bulmak isteriz.",
        "Konuyla ilgili geri dönüşünüzü bekliyoruz.",
        "Desteğiniz ve iş birliğiniz için teşekkür ederiz.",
        "Güncel bakiyeniz {balance} olarak görünmektedir.",
        "Bilginize sunar, iyi çalışmalar dileriz.",
        "Bu konuda yardımcı olabileceğimiz bir husus varsa lütfen bize bildiriniz.",
        "Faturada bir hata olduğunu düşünüyorsanız lütfen bize yazınız.",
        "Muhasebe biriminizle görüşmenizi rica ederiz.",
        "Uzun süredir birlikte çalışıyoruz ve ödemelerinizi genellikle zamanında yaptığınızı biliyoruz.",
        "Transfer açıklamasına {invoice} yazmanızı rica ederiz.",
        "İlginiz için şimdiden teşekkür ederiz.",
    ),
}
AROUND = {
    "en": (
        "Dear {customer},\n\nthis is about the invoice {invoice} and the {balance} that is open. ",
        "\n\nKind regards,\nAccounts team",
    ),
    "tr": (
        "Sayın {customer},\n\nbu mektup {invoice} numaralı fatura ve {balance} tutarındaki bakiye için yazılmıştır. ",
        "\n\nSaygılarımızla,\nMuhasebe ekibi",
    ),
}


def test_what_nobody_thought_of_before_is_caught():
    drafts = invented()
    missed = [(name, language, text.body) for name, language, text in drafts if not check(text, rules(language))]
    assert len(drafts) >= 100
    assert missed == []


@pytest.mark.parametrize("language", ["en", "tr"])
def test_what_people_write_in_such_letters_is_accepted(language):
    before, after = AROUND[language]
    for sentence in NATURAL[language]:
        text = DraftText(subject="{invoice}", body=f"{before}{sentence}{after}")
        assert check(text, rules(language)) == (), sentence


def test_a_name_of_one_word_in_small_letters_is_taken_for_a_word():
    """Many a customer is called like a word; whoever is named otherwise is recognised by capitals or an apostrophe."""
    before, after = AROUND["en"]
    said = {word: check(DraftText(subject="{invoice}", body=f"{before}They told {word} the same.{after}"), rules("en"))
            for word in ("globex", "Globex", "globex's")}  # fmt: skip
    assert said["globex"] == ()
    assert said["Globex"]
    assert said["globex's"]
