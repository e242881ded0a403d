"""Every sentence of the web stands in every catalogue, with the same places to fill in."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from api.speech.catalogue import FOLDER, LANGUAGES, catalogue, preferred

ROOT = Path(__file__).parents[3] / "api"
SPOKEN = [
    ROOT / "words.py",
    *sorted((ROOT / "web").rglob("*.py")),
    *sorted((ROOT / "mails").rglob("*.py")),
    *sorted((ROOT / "speech").rglob("*.py")),
]
PAGES = [*sorted((ROOT / "web" / "templates").rglob("*.html")), *sorted((ROOT / "mails" / "templates").iterdir())]
ONE = re.compile(r'(?<![\w.])_\("((?:[^"\\]|\\.)*)"')
MANY = re.compile(r'\.many\(\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)"')


def in_code(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        texts = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if name == "say" and texts:
            yield texts[0]
        if name == "many" and len(texts) > 1:
            yield tuple(texts[:2])


def said():
    found = {each for file in SPOKEN for each in in_code(file)}
    for file in PAGES:
        text = file.read_text(encoding="utf-8")
        found |= set(ONE.findall(text)) | set(MANY.findall(text))
    return {each for each in found if each}


def holes(text):
    return set(re.findall(r"{(\w+)}", text))


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_everything_said_is_translated(language):
    with (FOLDER / f"{language}.po").open("rb") as file:
        known = {message.id: message.string for message in read_po(file, locale=language) if message.id}
    missing = sorted(str(each) for each in said() if not known.get(each) or not all(known[each]))
    assert missing == []
    for id, string in known.items():
        one, other = (id[1], string[-1]) if isinstance(id, tuple) else (id, string)
        assert holes(one) == holes(other), one


def test_the_most_wanted_language_that_is_spoken_is_taken():
    assert preferred("", "de-DE,tr;q=0.8,en;q=0.5", "en") == "tr"
    assert preferred("en", "tr") == "en"
    assert preferred("", "*;q=0.1, xx", "") == "en"
    assert preferred("tr;q=nonsense,en") == "en"


def test_numbers_of_things_are_told_in_each_language():
    assert catalogue("en").many("{count} day", "{count} days", 1) == "1 day"
    assert catalogue("en").many("{count} day", "{count} days", 3) == "3 days"
    assert catalogue("tr").many("{count} day", "{count} days", 3) == "3 gün"
    assert catalogue("de")("Inbox") == "Inbox"
