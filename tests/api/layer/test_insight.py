"""Over the real layer: lines follow the journal, facts are tried in a copy, the memory is found by its words."""

import pytest


@pytest.fixture
async def owing(call, layer):
    return await call.ada.overdue("C1", "C2")


async def test_lines_follow_what_happens(call, layer, owing):
    assert sorted((each.subject, each.state) for each in await layer.lines()) == [
        ("customer:C1", "pending"),
        ("customer:C2", "pending"),
    ]
    await call.ada.decide(owing["C1"], "reject", reason="paid by phone")
    found = next(each for each in await layer.lines() if each.subject == "customer:C1")
    assert (found.state, found.word, found.by, found.reason) == ("rejected", "rejected", "ada", "paid by phone")


async def test_a_changed_fact_is_tried_and_nothing_is_kept(layer, owing):
    head = await layer.head()
    found = await layer.trial("reminders", "customer:C1", {"invoice:I-C1.paid_on": "2026-03-01"})
    assert [(each.rule, each.before, each.after) for each in found.rules] == [("late", "true", "false")]
    assert [(each.kind, each.key.rule) for each in found.decisions] == [("withdraw", "late")]
    assert await layer.head() == head
    again = await layer.trial("reminders", "customer:C1", {})
    assert [each.after for each in again.rules] == ["true"]


async def test_what_does_not_fit_is_told_with_its_place(layer, owing):
    found = await layer.trial(
        "reminders", "customer:C1", {"invoice:I-C1.paid_on": "soon", "customer:C1.oldest_due": "x"}
    )
    assert len(found.problems) == 2
    assert "paid_on takes" in found.problems[0]
    assert "oldest_due cannot be changed" in found.problems[1]
    refused = await layer.trial("reminders", "customer:nobody", {})
    assert refused.problems[0].code == "unknown-subject"


async def test_the_memory_is_found_by_its_words_and_by_whom(call, layer, owing):
    await call.ada.decide(owing["C1"], "reject", reason="Ödeme pazartesi gelecek")
    while await layer.index():
        pass
    found = await layer.recall("odeme pazart")
    assert {each.subject for each in found} == {"customer:C1"}
    assert await layer.recall("odeme", "customer:C2") == ()


async def test_rules_are_shown_as_they_stand_and_their_examples_run(layer):
    found = next(each for each in layer.rulesets() if each.id == "reminders")
    assert found.rules[0].when == ("oldest_due != null", 'today() > oldest_due + duration("P7D")')
    assert found.rules[0].line > 0
    assert all(each.passed for each in await layer.examples("reminders"))
    assert layer.holder("ledger/customers/none") == ""
