"""Lists are narrowed and put in order; what people decided before is found."""

import msgspec
import pytest

from api.folding import fold
from api.insight.line import line_of
from api.insight.sifting import Sieve, sift, tab_of
from api.insight.similar import earlier, precedents
from engine.events import HistoryItem
from tests.api import sample

LINES = [line_of(each) for each in (sample.mail(1, "C-1042"), sample.mail(2, "C-1120"), sample.task(3, "C-1077"))]
NAMES = {f"customer:{id}": row[0] for id, row in sample.CUSTOMERS.items()}


def ids(**sieve):
    return [
        each.id
        for each in sift(LINES, Sieve(**sieve), lambda subjects: [fold(NAMES.get(each, "")) for each in subjects])
    ]


def test_a_tab_shows_its_states():
    assert ids() == ["act-0001", "act-0002"]
    assert ids(show="sent") == ["act-0003"]
    assert ids(show="all") == ["act-0001", "act-0002", "act-0003"]
    assert tab_of("failed") == "unclear"


@pytest.mark.parametrize("q", ["karadeniz", "KARADENİZ"[:5], "reminder beton", "muhasebe@karadeniz"])
def test_all_words_must_be_said_somewhere(q):
    assert "act-0001" in ids(q=q)
    assert ids(q=f"{q} nothing-like-it") == []


def test_the_order_is_as_asked():
    assert ids(sort="amount") == ["act-0002", "act-0001"]
    assert ids(sort="customer") == ["act-0001", "act-0002"]
    assert ids(sort="oldest") == ["act-0002", "act-0001"]


def test_a_sieve_is_an_address():
    assert Sieve(show="sent", q="a b&c", sort="amount").query(page=2) == "show=sent&q=a+b%26c&sort=amount&page=2"
    assert Sieve().query() == ""


def test_people_decided_cases_like_it():
    step = (HistoryItem(at=sample.NOW, state="approved", by="ayse"),)
    before = [line_of(sample.mail(n, customer, "sent", history=step)) for n, customer in ((7, "C-1120"), (8, "C-1042"))]
    alone = line_of(
        sample.mail(9, "C-1042", "sent", history=(HistoryItem(at=sample.NOW, state="approved", by="policy:x"),))
    )
    found = precedents([*before, alone, *LINES], sample.mail(1, "C-1042"))
    assert (found.decided, found.approved, found.rejected) == (2, 2, 0)
    assert [each.id for each in found.nearest] == ["act-0008", "act-0007"]
    assert [each.id for each in earlier([*before, *LINES], sample.mail(1, "C-1042"))] == ["act-0008"]
    assert msgspec.structs.replace(before[0], word="").waited is not None


def test_capitals_accents_and_the_turkish_i_keep_nothing_from_being_found():
    assert fold("İSTANBUL Işık Şahin GmbH") == "istanbul isik sahin gmbh"  # noqa: RUF001  (Turkish)
    for q in ("KARADENİZ", "karadeniz", "KARADENIZ", "karadenız"):  # noqa: RUF001  (Turkish)
        assert "act-0001" in ids(q=q)
