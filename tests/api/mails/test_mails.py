"""The product's own mails: two forms of the same, in the reader's language, safe to open anywhere."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser

import msgspec
import pytest

from api.insight.line import line_of
from api.mails.report import weekly
from api.mails.writer import Mails
from approvals.links import Issued
from approvals.request import Request
from approvals.structs import Person
from connectors.mail.compose import compose
from tests.api import sample

MAILS = Mails("Anadolu Yapı", "Europe/Istanbul", "en")  # noqa: RUF001  (Turkish)
URL = "https://ops.example"
ADA = Person(id="ada", name="Ada Byron", email="ada@example.org")
AYSE = Person(id="ayse", name="Ayşe Kaya", email="ayse@example.org", language="tr")


def asked(**changes):
    action = msgspec.structs.replace(sample.mail(1, "C-1042"), **changes)
    return [Request(action, "asked", Issued("T0KEN", "4711"))]


def report():
    lines = [line_of(sample.mail(n, "C-1042")) for n in range(1, 14)]
    return weekly(MAILS, ADA, lines, sample.NOW, URL, {"customer:C-1042": "Karadeniz Beton"})


LITTLE_KNOWN = re.compile(
    r"flex|grid|position\s*:|float\s*:|calc\(|var\(|url\(|@import|expression\(|<svg|srcset", re.IGNORECASE
)
"""What widely used mail programs leave out or misread: layout by other means than tables, and anything from elsewhere."""


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.seen, self.links = set(), []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src", "background")]


@pytest.mark.parametrize("letter", [MAILS.request(ADA, asked(), URL), report()], ids=["request", "report"])
def test_the_html_is_made_of_tables_without_scripts_pictures_or_foreign_addresses(letter):
    tags = Tags(letter.html)
    assert not tags.seen & {"script", "img", "link", "iframe", "form", "input", "div", "object"}
    assert all(link.startswith(URL) for link in tags.links)
    assert "prefers-color-scheme: dark" in letter.html
    assert '<meta name="color-scheme" content="light dark">' in letter.html
    assert not LITTLE_KNOWN.search(letter.html)
    assert len(letter.html) < 100_000  # longer mails are cut by a widely used client


def test_text_and_html_say_the_same():
    letter = MAILS.request(ADA, asked(), URL)
    for said in (
        "Ada Byron, your word is needed.",
        f"{URL}/decide/T0KEN",
        "4711",
        "which was due 23 days ago",
        "184,250.00 TRY",
    ):
        assert said in letter.text
        assert said in letter.html
    assert "Opening a link decides nothing" in letter.text


def test_each_reads_it_in_their_own_language():
    letter = MAILS.request(AYSE, asked(), URL)
    assert letter.subject.startswith("Kararınız gerekli:")  # noqa: RUF001  (Turkish)
    assert '<html lang="tr">' in letter.html
    assert "184.250,00 TRY" in letter.text


def test_what_customers_wrote_is_text_and_never_markup():
    evil = '<img src=x onerror="alert(1)">\u202eevil'
    letter = MAILS.request(ADA, asked(because=evil, payload={"to": evil}), URL)
    assert "<img" not in letter.html
    assert "\u202e" not in letter.html + letter.text + letter.subject
    assert "\n" not in letter.subject


def test_it_names_who_it_is_about_and_writes_days_as_people_do():
    named = Mails("Anadolu", "Europe/Istanbul", "en", lambda subjects: dict.fromkeys(subjects, "Karadeniz Beton"))
    letter = named.request(AYSE, asked(because="Open since 2026-03-04."), URL)
    assert "E-posta gönder: Karadeniz Beton" in letter.text
    assert "Open since 4 Mart 2026." in letter.text
    assert "  kime: muhasebe@karadenizbeton.example" in letter.text


def test_without_a_link_one_signs_in():
    request = Request(sample.mail(1, "C-1042"), "reminded", None)
    letter = MAILS.request(ADA, [request], URL)
    assert f"Sign in to decide: {URL}/actions/act-0001" in letter.text
    assert letter.subject.startswith("Reminder: your word is needed")


def test_the_report_tells_figures_and_what_waits():
    letter = report()
    assert letter.subject == "Outcome report, 27 March 2026"
    assert "flagged: 0 → 13" in letter.text
    assert "and 3 more" in letter.text
    assert f"{URL}/report" in letter.text


def test_both_forms_travel_in_one_mail():
    letter = MAILS.request(ADA, asked(), URL)
    content = {"to": ADA.email, **msgspec.structs.asdict(letter)}
    sent = compose(content, "k" * 40, "ops@example.org", datetime(2026, 3, 27, tzinfo=UTC)).as_bytes()
    mail = message_from_bytes(sent, policy=policy.default)
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert re.sub(r"\s", "", text.get_content()) == re.sub(r"\s", "", letter.text)
