"""Names taken apart, words found with typing errors, and verdicts that doubt rather than err."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.identity.corruption import labelled
from bench.identity.evaluation import at_once, score, truth
from engine.identity.compare import Commonness, compare
from engine.identity.index import Parties
from engine.identity.names import fold, name_of
from engine.identity.neighbours import Neighbours
from engine.identity.profile import profile, shared
from engine.model.structs import Evidence

EVIDENCE = Evidence(name="name", city="city", address="address", email="email", phone="phone", country="TR")
HELD_OUT = 20261121
"""The seed of the labelled set that nothing was tuned on."""


def party(name, *keys, **values):
    return profile(EVIDENCE, {"name": name, **values}, keys)


@pytest.mark.parametrize(
    ("written", "core", "trades"),
    [
        ("Yıldızlar İnş. San. ve Tic. Ltd. Şti.", "yildizlar", {"insaat"}),
        ("YILDIZLAR INSAAT LIMITED SIRKETI", "yildizlar", {"insaat"}),
        ("Müller Maschinenbau GmbH & Co. KG", "muller", {"makina"}),
        ("MUELLER MASCHINENBAU GMBH", "muller", {"makina"}),
        ("Ege Işık A.Ş.", "ege isik", set()),
        ("İnşaat Ltd.", "insaat", set()),
        ("", "", set()),
    ],
)
def test_a_name_is_taken_apart(written, core, trades):
    name = name_of(written)
    assert (" ".join(name.core), set(name.trades)) == (core, trades)


@given(st.text(alphabet="abcdefghıiüöşçğ", min_size=4, max_size=14), st.integers(0, 13), st.sampled_from("abcxyz"))
def test_any_single_typing_error_is_found(word, at, letter):
    known, at = Neighbours(), at % len(word)
    word = fold(word)
    known.add(word)
    wrong = [word[:at] + word[at + 1 :], word[:at] + letter + word[at + 1 :], word[:at] + letter + word[at:]]
    for each in wrong:
        if len(each) >= 4:
            assert word in known.near(each)


def test_shared_mailboxes_are_known_by_their_names():
    assert shared("info@acme.de")
    assert shared("muhasebe2@acme.com.tr")
    assert not shared("ayse.kaya@acme.com.tr")


def test_the_same_name_and_telephone_are_one_party():
    left = party("Güneşler İnşaat Ltd. Şti.", phone="0532 111 22 33", city="Ankara")
    right = party("GUNESLER INSAAT", "phone:905321112233", city="ANKARA")
    assert compare(left, right).outcome == "same"


def test_sister_companies_with_one_mailbox_are_not_merged():
    desk = {"email": "muhasebe@gunesler.com.tr", "phone": "0312 444 55 66", "city": "Ankara", "address": "Gazi Sok. 3"}
    found = compare(party("Güneşler İnşaat A.Ş.", **desk), party("Güneşler Lojistik A.Ş.", **desk))
    assert found.outcome == "doubtful"
    assert any(each.what == "trade" and each.contradicts for each in found.findings)


def test_two_tax_numbers_are_two_parties_whatever_else_agrees():
    desk = {"phone": "0312 444 55 66", "city": "Ankara"}
    found = compare(
        party("Güneşler A.Ş.", "tax_id:1111111112", **desk), party("Güneşler A.Ş.", "tax_id:2222222220", **desk)
    )
    assert found.outcome != "same"


def test_a_name_alone_is_never_enough():
    common = Commonness(parties=1_000_000, name=1)
    assert compare(party("Kastelvarmo A.Ş."), party("Kastelvarmo A.Ş."), common).outcome == "doubtful"


def test_who_could_as_well_be_the_sister_is_doubtful():
    desk = {"email": "info@gunesler.com.tr", "phone": "0312 444 55 66", "city": "Ankara"}
    parties = Parties()
    parties.put("a", party("Güneşler İnşaat A.Ş.", **desk))
    parties.put("b", party("Güneşler Lojistik A.Ş.", **desk))
    found = parties.matches(party("Güneşler A.Ş.", **desk))
    assert {each.id: each.outcome for each in found} == {"a": "doubtful", "b": "doubtful"}
    assert any(finding.what == "rival" for each in found for finding in each.comparison.findings)


def test_a_party_that_changes_is_found_as_it_is_now():
    parties = Parties()
    assert parties.put("a", party("Alte Firma GmbH", phone="0312 444 55 66"))
    assert not parties.put("a", party("Alte Firma GmbH", phone="0312 444 55 66"))
    assert parties.put("a", party("Neue Firma GmbH", phone="0312 444 55 66"))
    assert parties.matches(party("Alte Firma")) == []
    assert [each.id for each in parties.matches(party("Neue Firma", phone="0312 444 55 66"))] == ["a"]
    parties.drop("a")
    assert parties.candidates(party("Neue Firma")) == []


@pytest.mark.slow
def test_precision_and_recall_on_the_held_out_set():
    """0.995 at 0.90, on companies and corruptions that the matcher was not made for."""
    parties = labelled(HELD_OUT, 3000)
    same, _ = at_once(parties)
    found = score(same, truth(parties))
    assert found.precision >= 0.995
    assert found.recall >= 0.90
