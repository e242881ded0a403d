"""On a Turkish page nothing of ours is English: every page there is, with its reasons, problems and evidence."""

import re
from html.parser import HTMLParser

import msgspec
import pytest
from babel.messages.pofile import read_po

from api.speech.catalogue import FOLDER
from tests.api.web.walking import pages

ALSO = (
    "/inbox?show=all", "/search?q=pay", "/evals/label?workflow=collections", "/rules/collections?run=1", "/nowhere",
    "/customers/none", "/admin/bundles?run=check", "/admin/tasks/none", "/queue?everything=true",
)  # fmt: skip
ENGLISH = re.compile(
    r"\b(the|of|and|is|are|was|were|this|that|these|there|with|from|which|what|who|nobody|nothing|none|cannot|"
    r"waits?|needs?|has|have|been|more|only|until|since|page|changed?)\b",
    re.IGNORECASE,
)
LEAVES = {"script", "style", "code", "pre", "kbd", "mark", "blockquote", "option"}


class Told(HTMLParser):
    """Collects what a page says: its texts and what it says to those who do not see."""

    def __init__(self):
        super().__init__()
        self.texts, self._within = [], []

    def handle_starttag(self, tag, attrs):
        self._within.append(tag) if tag not in ("input", "meta", "link", "br", "hr", "img", "path", "rect") else None
        self.texts += [value for name, value in attrs if name in ("aria-label", "placeholder", "title") and value]

    def handle_endtag(self, tag):
        if tag in self._within:
            while self._within.pop() != tag:
                pass

    def handle_data(self, data):
        if data.strip() and not LEAVES & set(self._within):
            self.texts.append(" ".join(data.split()))


def ours():
    """What we say in English and otherwise in Turkish: whole sentences, each with letters enough to be one."""
    with (FOLDER / "tr.po").open("rb") as file:
        for each in read_po(file, locale="tr"):
            one = each.id[0] if isinstance(each.id, tuple) else each.id
            same = each.string[0] if isinstance(each.string, tuple) else each.string
            if one and one != same and "{" not in one:
                yield one


OURS = frozenset(ours())


def english(text, theirs):
    """Whether a text of a page is an English one of ours."""
    return text in OURS or bool(
        ENGLISH.search(text) and not any(text in each or (len(each) > 12 and each in text) for each in theirs)
    )


async def test_no_page_says_anything_of_ours_in_english(enter, client, theirs):
    browser = await enter("zeynep")
    client.cookies.set("opslayer_language", "tr")
    found = {}
    walked = await pages(browser, also=ALSO)
    for path, answer in walked:
        told = Told()
        told.feed(answer.text)
        wrong = sorted({each for each in told.texts if english(each, theirs)})
        if wrong:
            found[path] = wrong
    assert found == {}, "\n".join(sorted({each for wrong in found.values() for each in wrong}))
    assert len(walked) > 40


@pytest.fixture
async def theirs(layer):
    """What the company and its customers wrote: letters, reasons of rules, remarks, what rules are about."""
    told = [each.payload for each in layer.store.values()] + [each.because for each in layer.store.values()]
    told += [await layer.today(), await layer.timeline("customer:C-1042"), layer.rulesets()]
    return {each for each in strings(msgspec.to_builtins(told, enc_hook=str)) if len(each) > 3}


def strings(value):
    """Every text within a value."""
    if isinstance(value, str):
        yield " ".join(value.split())
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        yield from strings(each)
