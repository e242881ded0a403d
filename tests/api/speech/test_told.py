"""What other parts say in English is told in the reader's language, and nothing else is."""
# ruff: noqa: RUF001  (Turkish)

import re
from pathlib import Path

import pytest

from api.speech.told import messages, model_names, teller
from engine.rules.loading import load_home
from engine.source.folder import Memory

ROOT = Path(__file__).parents[3]
MODEL = "format: 1\nextends: base\nentities: {}\n"
ADJOINING = re.compile(r'"\s*\n\s*f?"')
HOLE = re.compile(r"\{\w+\}")


def code():
    files = [each for name in ("approvals", "engine", "evals", "api") for each in (ROOT / name).rglob("*.py")]
    text = "\n".join(each.read_text(encoding="utf-8") for each in files)
    return ADJOINING.sub("", text).replace('\\"', '"').replace("{{", "{")


def test_every_message_is_said_by_the_code():
    said = code()
    gone = [id for id, _ in messages("tr") if not all(part.strip() in said for part in HOLE.split(id))]
    assert gone == []


def test_a_message_fills_the_same_holes_in_the_other_language():
    for id, string in messages("tr"):
        assert set(HOLE.findall(id)) >= set(HOLE.findall(string)), id
        assert string, id


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("taken back", "geri alındı"),
        ("Taken back.", "Geri alındı."),
        ("letters asks for approval until it is earned", "letters onay ister (özerklik kazanılana kadar)"),
        ("kill switch all: no reason given", "acil durdurma all: neden belirtilmedi"),
        ("autonomy was taken back: a critical error: act-7", "özerklik geri alındı: kritik bir hata: act-7"),
        ("the cat sat; taken back", "the cat sat; geri alındı"),
    ],
)
def test_sentences_are_told_with_what_fills_them(text, said):
    assert teller("tr")(text) == said


def test_what_the_company_named_is_called_as_it_says():
    tell, names = teller("tr"), {"customer_mail": "müşteri mektupları", "all": "hepsi"}
    assert tell("customer_mail asks for approval", names=names) == "müşteri mektupları onay ister"
    assert tell("kill switch all: no reason given", names=names) == "acil durdurma all: neden belirtilmedi"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("97.5% against 61.0%", "%61,0 karşısında %97,5"),
        (
            "errors drift beyond 2.5%: cumulative sum 4.25 over 4",
            "hatalar %2,5 sınırını aşıyor: birikimli toplam 4,25, eşik 4",
        ),
    ],
)
def test_numbers_of_ours_are_written_as_the_language_does(text, said):
    assert teller("tr")(text, ours=True) == said


@pytest.mark.parametrize(
    "text", ["", "our best customer is late", "Needs a call", "Open since 2026-01-04.", "Price changed", "x" * 5000]
)
def test_what_we_did_not_say_stays(text):
    assert teller("tr")(text) == text


def test_short_messages_count_where_the_text_is_surely_ours():
    tell = teller("tr")
    assert tell("needs any value") == "needs any value"
    assert tell("needs any value", ours=True) == "gereken: herhangi bir değer"
    assert tell("the world moved: balance changed") == "durum değişti: balance değişti"


def test_english_stays_english():
    assert teller("en")("taken back") == "taken back"


def test_each_type_and_field_of_the_shipped_model_has_a_name_and_no_other_has():
    model = load_home(Memory({"config/app.yaml": "format: 1\ncompany: A\n", "config/model.yaml": MODEL})).model
    fields = [each for entity in model.entities.values() for each in entity.fields.values()]
    named = {name for entity in model.entities.values() for name in entity.fields}
    named |= {*model.entities, *(each.inverse for each in fields if each.inverse)}
    assert set(model_names("tr")) == named
    assert model_names("en") == {}
