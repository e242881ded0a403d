"""The guards against a generator that knows nothing of them: 200 wrong drafts and 200 good ones, for several seeds."""

from collections import Counter

import pytest

from approvals.drafting.guards import Rules, check
from approvals.drafting.known import KnownNames
from tests.approvals.drafting.generated import good, mutated
from tests.approvals.drafting.planted import KNOWN, PROMPT, QUOTED, VALUES

SEEDS = (1, 2, 3, 4, 5)


@pytest.fixture(scope="module")
def known():
    labels = [each.title() for each in sorted(KNOWN)]
    return KnownNames(lambda: labels, lambda: 1)


def rules(language: str, known: KnownNames) -> Rules:
    return Rules(prompt=PROMPT, language=language, values=VALUES, quoted=QUOTED, known=known, company="Anadolu")


@pytest.mark.parametrize("seed", SEEDS)
def test_all_of_200_mutated_drafts_are_caught(seed, known):
    drafts = mutated(200, seed)
    missed = [
        (name, language, text.subject, text.body)
        for name, language, text in drafts
        if not check(text, rules(language, known))
    ]
    assert len(drafts) == 200
    assert missed == []


@pytest.mark.parametrize("seed", SEEDS)
def test_at_least_95_percent_of_200_good_drafts_are_accepted(seed, known):
    drafts = good(200, seed)
    refused = [str(finding) for _, language, text in drafts for finding in check(text, rules(language, known))[:1]]
    assert len({text.body for _, _, text in drafts}) > 150, "they are not all the same letter"
    assert len(refused) <= 10, Counter(refused)


def test_every_kind_of_wrong_is_made_in_both_languages():
    kinds = Counter((name, language) for name, language, _ in mutated(200, 1))
    assert len(kinds) == 2 * len({name for name, _ in kinds})
    assert min(kinds.values()) >= 3
