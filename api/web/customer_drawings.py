"""What can be drawn of a customer."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from api.views import CustomerView, EntityView
from api.web import charts
from api.words import Words
from engine.feel import Money


def drawings(view: CustomerView, words: Words, today: date) -> Any:  # noqa: ANN401  (title, drawing, note)
    """Yield what can be drawn of a customer with invoices and payments: the open balance, and how late it pays."""
    invoices, payments = view.related.get("invoices", ()), view.related.get("payments", ())
    moves = sorted([*_moves(invoices, "issued_on", 1), *_moves(payments, "paid_on", -1)])
    for currency in sorted({each[2] for each in moves}):
        total, points = Decimal(0), []
        for day, amount, its in moves:
            if its == currency:
                total += amount
                points.append((day, float(total)))
        title = words.say("Open balance in {currency}", currency=currency)
        drawn = charts.steps([*points, (max(today, points[-1][0]), float(total))], words, title)
        yield title, drawn, words.say("Invoices issued less payments received, from what is known here.")
    late = sorted(
        (each.fields["paid_on"].value, float(each.fields["days_late"].value))
        for each in payments
        if _value(each, "days_late") is not None and isinstance(_value(each, "paid_on"), date)
    )
    usual = view.customer.fields.get("usual_days_late")
    habit = float(usual.value) if usual is not None and isinstance(usual.value, Decimal) else None
    if late:
        title = words.say("Days late, payment by payment")
        note = (
            words.say("The dashed line is this customer's own habit: {days} days.", days=words.number(habit))
            if habit is not None
            else ""
        )
        yield title, charts.bars(late[-60:], words, title, habit), note


def _moves(items: Sequence[EntityView], when: str, sign: int) -> Any:  # noqa: ANN401  (day, amount, currency)
    for each in items:
        amount, day = _value(each, "amount"), _value(each, when)
        if isinstance(amount, Money) and isinstance(day, date) and _value(each, "cancelled") is not True:
            yield day, amount.amount * sign, amount.currency


def _value(entity: EntityView, name: str) -> Any:  # noqa: ANN401  (a FEEL value)
    field = entity.fields.get(name)
    return field.value if field is not None else None
