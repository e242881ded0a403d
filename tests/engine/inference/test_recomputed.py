"""What cannot be kept up to date item by item is told, with its place."""

import pytest

from tests.engine.inference.told import rule, rulebook


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("count(invoices[amount > 5]) > 1", False),
        ("some i in invoices satisfies i.worth > i.customer.ceiling", False),
        ("sum(invoices.amount) > 3", False),
        ("count(invoices[amount > count(payments)]) > 1", True),
        ("some i in invoices satisfies i.amount > score", True),
        ("sum(for i in invoices return i.amount * score) > 3", True),
    ],
)
def test_an_aggregate_that_reads_more_than_its_items_is_computed_anew(when: str, told: bool) -> None:
    notes = [each for each in rulebook(rule("r", "customer", when)).notes if each.code == "recomputed"]
    assert [str(each.place) for each in notes] == (["rules/shop/ruleset.yaml:6:7"] if told else [])
    assert all(when in each.message for each in notes)
