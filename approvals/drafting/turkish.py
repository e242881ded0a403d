"""Turkish, as the guards read it."""

# ruff: noqa: RUF001  (Turkish letters are meant)

import re
from typing import Final

from approvals.drafting.lexicon import Lexicon, any_of, words

_HARMLESS = (
    "açıklarız açıklayabiliriz ararız arıyoruz bekleriz bekliyoruz bildiririz bildiriyoruz biliriz biliyoruz "
    "bulabiliriz bulamadık çalışıyoruz çözebiliriz çözeriz dileriz diliyoruz duyuyoruz düşünüyoruz düzeltiriz "
    "düzeltiyoruz göremiyoruz görüşebiliriz görüşürüz görüyoruz hatırlatırız hatırlatıyoruz hissediyoruz "
    "iletebiliriz iletiriz iletiyoruz ilgileniriz inceleriz inceleyeceğiz inceliyoruz isteriz istiyoruz "
    "konuşabiliriz konuşuruz olabiliriz olacağız oluruz olmayız paylaşıyoruz sanıyoruz seviniriz soruyoruz sunarız "
    "sunuyoruz tanıyoruz ulaşamıyoruz umarız umuyoruz yanıtlarız yazıyoruz yanılıyoruz gönderiyoruz"
).replace(" ", "|")
"""What every letter says that we do or will do."""
_POLITE = (
    "teşekkür",
    "rica",
    "arz",
    "temenni",
    "ümit",
    "takdir",
    "kontrol",
    "tahmin",
    "fark",
    "not",
    "yardım",
    "merak",
)
_UNDERTAKINGS = (
    "".join(f"(?<!{word}\\s)" for word in _POLITE)
    + rf"\b(?!(?:{_HARMLESS})\b)\w+(?:c[ae]ğ[ıi]z|[aeıiuü]r[ıiuü]z|m[ae]y[ıi]z|yoruz|mekteyiz|maktayız)\b"
)

TURKISH: Final = Lexicon(
    letters=frozenset("çğıİöşüâîû"),
    common=words(
        "ve bir bu için ile da de olarak olan en çok daha gibi kadar sonra ancak ya veya sizin bizim size bize siz "
        "biz lütfen sayın ödeme ödemenizi faturanız faturanın hesabınız hesabınızda tarihli tutarında numaralı rica "
        "ederiz ederim dileriz teşekkür saygılarımızla her şey ise değil olduğunu bulunmaktadır var ki nasıl ne eğer"
    ),
    openers=words(
        "ve bir bu şu o biz siz sizin bizim size bize eğer ancak fakat ama ayrıca lütfen sayın değerli merhaba "
        "merhabalar selam iyi günler çalışmalar saygılarımla saygılarımızla saygılar sevgiler teşekkür teşekkürler "
        "ederiz ederim ödeme ödemeniz ödemenizi ödemenin fatura faturanız faturanızın hesap hesabınız hesabınızda "
        "kayıtlarımıza kayıtlarımızda konuyla konu söz ilgili bilgi bilginize herhangi her hiç ne nasıl neden olası "
        "sorunuz sorularınız şimdiden önceki daha henüz halen hâlâ bugüne sizden sizinle müşterimiz müşteri yetkili "
        "tarafımıza tarafınıza vadesi vade gecikme gecikmenin hatırlatma anlayışınız ilginiz iş işbirliğiniz destek "
        "görüşmek yardımcı en kısa böyle bunun buna öncelikle umarız umarım dilerseniz isterseniz yanıtınızı ekibi "
        "ekibimiz muhasebe"
    ),
    titles=words(
        "yetkilisi yetkili departmanı finans mali muhasebe birimi bölümü ekibi müdürlüğü servisi hizmetleri müşteri "
        "fatura ödeme hatırlatma hatırlatması tahsilat alacak"
    ),
    numbers=any_of(
        "(?:iki|üç|dört|beş|yedi|sekiz|dokuz|yirmi|otuz|kırk|elli|altmış|yetmiş|seksen|doksan|milyon|milyar)\\w* "
        "altı(?:ncı\\w*|şar|da|dan)? on(?:uncu\\w*|larca|ar|bir\\w*)? yüz(?:de|üncü\\w*|lerce|er)? "
        "bin(?:inci\\w*|lerce|er|e|i|den|de)? birinci\\w* sıfır\\w* yarısı yarım çeyrek düzine",
    ),
    dates=any_of(
        "bugün(?:e|ü|den)? yarın\\w* dün pazartesi\\w* salı\\w* çarşamba\\w* perşembe\\w* cuma\\w* cumartesi\\w* "
        "pazar_gün\\w+ şubat\\w* nisan\\w* mayıs\\w* haziran\\w* temmuz\\w* ağustos\\w* eylül\\w* kasım\\w* haftaya "
        "(?:gelecek|önümüzdeki|bu)_(?:hafta|ay|yıl)\\w* (?:gün|hafta|ay|yıl)_sonu\\w* mesai\\w* ocak\\w* mart\\w* "
        "ekim\\w* aralık\\w* bayram\\w* yılbaşı\\w* öğle\\w* akşam\\w* sabah\\w* (?:dakika|saat|gün|hafta|ay)_içinde "
        "(?:birkaç|birçok)_(?:dakika|saat|gün|hafta|ay)\\w*",
    ),
    promises=any_of(
        "indirim\\w* iskonto\\w* iade\\w* iptal\\w* garanti\\w* söz_ver\\w+ ücretsiz\\w* bedava taksit\\w* "
        "ertele\\w* ek_süre\\w* silin\\w+ sileceğ\\w+ vazgeç\\w+ mahkeme\\w* dava\\w* avukat\\w* icra\\w* yasal\\w* "
        "hukuk\\w* haciz\\w* ceza\\w* faiz\\w* bloke\\w* durdur\\w+ feshe\\w+ kara_liste\\w* hesap_numara\\w* "
        "banka_hesab\\w+ iban\\w* şifre\\w* parola\\w* tazminat\\w* telafi\\w* hediye\\w* ödül\\w* bonus\\w* "
        "düşür\\w+ azalt\\w+ şik[aâ]yet\\w* sonuçların\\w* katlan\\w* (?:sonra|ileride)_(?:da_)?öde\\w+ "
        "(?:başka|yeni|diğer)_hesa[bp]\\w* nak[id]\\w* kart\\w* kripto\\w* kalanı\\w*",
    ),
    undertakings=re.compile(_UNDERTAKINGS),
    machines=any_of(
        "asistan\\w* yapay_zek[aâ]\\w* otomatik_oku\\w+ robot\\w* onayla\\w* gösterme gizle\\w* "
        "ödendi_(?:say|işaretle)\\w*",
    ),
    endings=re.compile(r"(?:y[ıiuü]|y[ae]|n[ıiuü]n|[ıiuü]n|[dt][ae]n|[dt][ae]|y?l[ae]|l[ae]r|n[ıiuü]|[ıiuü]|[ae])$"),
)
