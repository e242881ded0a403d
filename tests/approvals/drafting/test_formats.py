from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from approvals.drafting.formats import show
from engine.feel import Money, YearsMonths


@pytest.mark.parametrize(
    ("value", "english", "turkish"),
    [
        (Money(Decimal("1234.5"), "TRY"), "TRY 1,234.50", "1.234,50 TL"),
        (Money(Decimal("-0.125"), "EUR"), "EUR -0.12", "-0,12 EUR"),
        (Money(Decimal(1234567), "JPY"), "JPY 1,234,567", "1.234.567 JPY"),
        (Decimal("1234.50"), "1,234.5", "1.234,5"),
        (Decimal("1E+3"), "1,000", "1.000"),
        (date(2026, 3, 5), "5 March 2026", "5 Mart 2026"),
        (datetime(2026, 3, 5, 9, 30, tzinfo=UTC), "5 March 2026 09:30", "5 Mart 2026 09:30"),
        (time(9, 5), "09:05", "09:05"),
        (timedelta(days=1), "1 day", "1 gün"),
        (timedelta(days=12), "12 days", "12 gün"),
        (timedelta(hours=5), "5 hours", "5 saat"),
        (YearsMonths(2), "2 months", "2 ay"),
        (True, "yes", "evet"),
        (None, "", ""),
        (["a", "b", "c"], "a, b and c", "a, b ve c"),
        ({"name": "Acme", "id": "C1"}, "Acme", "Acme"),
        ("two\nlines\u202e", "two lines", "two lines"),
    ],
)
def test_values_are_written_for_people(value, english, turkish):
    assert show(value, "en") == english
    assert show(value, "tr") == turkish
