"""What is remembered is found by its words, on SQLite and PostgreSQL alike."""

import pytest

from engine.store.recall import folded


def test_words_are_found_in_any_spelling():
    assert folded("Çamlıca İNŞAAT; ödeyeceğiz!") == "camlica insaat odeyecegiz"  # noqa: RUF001  (Turkish)


@pytest.fixture
async def store(url, opener, make):
    store = await opener(url)
    await make.fill(store, 4)
    async with store.transaction() as tx:
        await tx.remember(
            [
                (1, "customer:C1", "Pazartesi ödeyeceğiz, söz"),
                (2, "customer:C2", "the site is slow, they pay on Friday"),
                (3, "", "they dispute invoice FTR2025003889 and pay nothing"),
            ]
        )
    return store


async def seqs(store, text, **more):
    return [each.seq for each in await store.recall(text, **more)]


async def test_all_words_must_be_there_and_the_last_may_be_begun(store):
    assert await seqs(store, "odeyecegiz soz") == [1]
    assert set(await seqs(store, "they pa")) == {2, 3}
    assert await seqs(store, "pay friday dispute") == []
    assert await seqs(store, "ftr2025003889") == [3]


@pytest.mark.parametrize("text", ["", "  ", "\"'()*:-", "AND OR NOT", '" OR 1'])
async def test_nothing_that_is_typed_is_taken_for_an_operator(store, text):
    assert await seqs(store, text) == []


async def test_who_is_erased_is_found_no_more(store, make):
    from datetime import UTC, datetime

    await store.erase("customer:C2", datetime(2026, 3, 1, tzinfo=UTC), "admin")
    assert await seqs(store, "friday") == []
