"""Words by which the guards know a language, and words that a draft may not bring in by itself."""

# ruff: noqa: RUF001  (Turkish letters and typographic marks are meant)

import re
from collections.abc import Mapping

import msgspec


class Lexicon(msgspec.Struct, frozen=True, kw_only=True):
    """One language.

    `common`: function words, by which the language is recognised. `openers`: words that begin a sentence or a
    short line without being a name. `titles`: words written large anywhere that name nobody. `numbers`, `dates`,
    `promises`: what only a fact or the template may say.
    """

    common: frozenset[str]
    openers: frozenset[str]
    titles: frozenset[str]
    numbers: re.Pattern[str]
    dates: re.Pattern[str]
    promises: re.Pattern[str]


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _any(text: str, end: str = r"\b") -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(text.split())}){end}".replace("_", " "))


_ENGLISH = Lexicon(
    common=_set(
        "the of and to in a is that it for you we was on are with as your our this be at have from or by not but has "
        "if can would could please any this will may let us know i an there when so been do would should these which"
    ),
    openers=_set(
        "i a an the this that these those it we our ours you your there here if when once while since as because "
        "although though however therefore so and but or also just again please kindly thank thanks dear hello hi "
        "good greetings let may might could would should can will do does did is are was were have has had in on at "
        "by for from to with without within after before according regarding concerning about further following "
        "best kind warm warmest many sincerely yours faithfully regards respectfully cordially unfortunately "
        "fortunately currently meanwhile otherwise alternatively in any should all at each every no not nothing "
        "perhaps possibly what which who why how where whether unless until upon under over above below per "
        "payment invoice account reminder friendly gentle accounts team morning afternoon evening "
        "looking hoping hope feel attached enclosed below open outstanding sir madam valued customer subject"
    ),
    titles=_set(
        "accounts account receivable receivables payable department finance financial office team service services "
        "customer credit control management invoice payment reminder sir madam partner"
    ),
    numbers=_any(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundreds? thousands? millions? "
        "billions? dozens? percent per_cent half quarter twice triple",
    ),
    dates=_any(
        "today tonight tomorrow yesterday mondays? tuesdays? wednesdays? thursdays? fridays? saturdays? sundays? "
        "january february april june july august september october november december weekend "
        "next_(?:week|month|year|quarter) end_of_(?:the_|this_|next_)?(?:day|week|month|year|quarter|business) "
        "close_of_business fortnight",
    ),
    promises=_any(
        "discount\\w* waiv\\w+ refund\\w* rebate\\w* reimburs\\w+ compensat\\w+ credit_notes? write_off writ\\w+_off "
        "forgiv\\w+ guarant\\w+ promis\\w+ free_of_charge complimentary extend\\w* extension\\w* grace_period "
        "instal?lments? legal\\w* lawyers? attorneys? lawsuits? sue sued suing courts? litigation police bailiffs? "
        "collection_agency debt_collect\\w+ penalt\\w+ late_fees? surcharges? interest suspend\\w* terminat\\w+ "
        "blacklist\\w* credit_(?:bureau|rating|score) bank_(?:details|account) account_number iban swift password\\w* "
        "bcc cc wire gift_cards?",
    ),
)
_TURKISH = Lexicon(
    common=_set(
        "ve bir bu için ile da de olarak olan en çok daha gibi kadar sonra ancak ya veya sizin bizim size bize siz biz "
        "lütfen sayın ödeme ödemenizi faturanız faturanın hesabınız hesabınızda tarihli tutarında numaralı rica ederiz "
        "ederim dileriz teşekkür saygılarımızla her şey ise değil olduğunu bulunmaktadır var ki nasıl ne eğer"
    ),
    openers=_set(
        "ve bir bu şu o biz siz sizin bizim size bize eğer ancak fakat ama ayrıca lütfen sayın değerli merhaba "
        "merhabalar selam iyi günler çalışmalar saygılarımla "
        "saygılarımızla saygılar sevgiler teşekkür teşekkürler ederiz ederim "
        "ödeme ödemeniz ödemenizi ödemenin fatura faturanız faturanızın hesap hesabınız hesabınızda kayıtlarımıza "
        "kayıtlarımızda konuyla konu söz ilgili bilgi bilginize herhangi "
        "her hiç ne nasıl neden olası sorunuz sorularınız "
        "şimdiden önceki daha henüz halen hâlâ bugüne sizden sizinle müşterimiz müşteri yetkili tarafımıza tarafınıza "
        "vadesi vade gecikme gecikmenin hatırlatma anlayışınız ilginiz iş işbirliğiniz destek görüşmek yardımcı en "
        "kısa böyle bunun buna öncelikle umarız umarım dilerseniz isterseniz yanıtınızı ekibi ekibimiz muhasebe"
    ),
    titles=_set(
        "yetkilisi yetkili departmanı finans mali muhasebe birimi bölümü ekibi müdürlüğü servisi hizmetleri müşteri "
        "fatura ödeme hatırlatma hatırlatması tahsilat alacak"
    ),
    numbers=_any(
        "iki üç dört beş altı yedi sekiz dokuz on yirmi otuz kırk elli altmış yetmiş seksen doksan yüz bin milyon "
        "milyar yüzde yarısı yarım çeyrek düzine",
    ),
    dates=_any(
        "bugün(?:e|ü|den)? yarın\\w* dün pazartesi\\w* salı\\w* çarşamba\\w* perşembe\\w* cuma\\w* cumartesi\\w* "
        "pazar_gün\\w+ şubat\\w* nisan\\w* mayıs\\w* haziran\\w* temmuz\\w* ağustos\\w* eylül\\w* kasım\\w* haftaya "
        "(?:gelecek|önümüzdeki)_(?:hafta|ay|yıl)\\w* (?:gün|hafta|ay|yıl)_sonu\\w* mesai_bitimi\\w*",
    ),
    promises=_any(
        "indirim\\w* iskonto\\w* iade\\w* iptal\\w* garanti\\w* söz_ver\\w+ ücretsiz\\w* bedava taksit\\w* ertele\\w* "
        "ek_süre\\w* silin\\w+ sileceğ\\w+ vazgeç\\w+ mahkeme\\w* dava\\w* avukat\\w* icra\\w* yasal\\w* hukuk\\w* "
        "haciz\\w* ceza\\w* faiz\\w* bloke\\w* durdur\\w+ "
        "feshe\\w+ kara_liste\\w* hesap_numara\\w* banka_hesab\\w+ iban\\w* "
        "şifre\\w* parola\\w* tazminat\\w* telafi\\w*",
    ),
)

LEXICONS: Mapping[str, Lexicon] = {"en": _ENGLISH, "tr": _TURKISH}
"""The languages whose texts can be checked; in any other only the template speaks."""

CURRENCIES = re.compile(
    r"[\u20a0-\u20cf$£¥¢%‰]|\b(?:tl|try|eur|usd|gbp|lira\w*|euro\w*|dollars?|dolar\w*|pounds?|sterlin\w*|kuruş\w*|cents?)\b"
)
"""Currency signs and names, and signs of shares; looked for in lower case."""

LINKS = re.compile(
    r"https?:|ftp:|www\.|://|@|\bmailto\b|[\w-]+\.(?:com|net|org|io|info|biz|co|tr|de|uk|eu|ru|cn|app|dev|ly|me|xyz)\b"
    r"|\b(?:dot|nokta)\s+com\b",
)
"""Addresses of the net; looked for in lower case."""

INJECTION = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|previous|above|prior|rule|prompt)\w*"
    r"|\bsystem (?:prompt|message)\b|\bas an? (?:ai|language model|assistant)\b|\blanguage model\b|\byou are now\b"
    r"|\bnew instructions?\b|\bbcc\b|\bcc:|<\||\[inst\]|```|\b(?:assistant|system|user)\s*:"
    r"|\b(?:refund|transfer|wire|pay out|send)\s+(?:me\s+|us\s+)?[\d$€£₺]"
    r"|\b(?:önceki|yukarıdaki) (?:talimat|komut)\w*|\byok say\w*|\byapay zek[aâ]\w*|\bgizli kopya\w*"
    r"|\b(?:iade|havale) (?:et|yap)\w* .{0,20}\d",
    re.DOTALL,
)
"""Text that speaks to the machine instead of to a person; looked for in lower case."""
