"""Rules read as sentences; what has no plain telling stays FEEL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web.rules.prose import told
from api.words import Words

CALLED = {"tr": {"oldest_due": "en eski vade"}}
CASES = [
    ('today() > oldest_due + duration("P7D")', "today is after 7 days after oldest due"),
    ("oldest_due != null", "oldest due is known"),
    ("crm_id = null", "crm id is not known"),
    ("disputed = true and not(paid)", "disputed is so and not (paid)"),
    ("a = 1 or b > 2", "either a is 1 or b is more than 2"),
    ('count(invoices[status = "open"]) >= 3', "the number of invoices where status is “open” is at least 3"),
    ('risk in ("high", "medium")', "risk is one of “high”, “medium”"),
    ("some q in quotes satisfies q.open = true", "some q of quotes is such that open of q is so"),
    ("string length(name) > 3", "string length(name) is more than 3"),
    ("this is ( no feel", "this is ( no feel"),
]


@pytest.mark.parametrize(("feel", "prose"), CASES)
def test_an_expression_is_told(feel, prose):
    assert told(feel, Words("UTC")) == prose


def test_it_is_told_in_turkish():
    assert told("oldest_due != null", Words("UTC", language="tr", called=CALLED)) == "en eski vade biliniyor"


@given(st.text(max_size=60))
def test_nothing_written_breaks_it(text):
    assert isinstance(told(text, Words("UTC")), str)
