from datetime import timedelta
from decimal import Decimal

from api.words import Words
from engine.events import Proof
from engine.feel import Money
from tests.api import sample

WORDS = Words("Europe/Istanbul", {"customer:C-1042": "Karadeniz Beton"})


def test_values_are_written_for_people():
    assert WORDS.value(Money(Decimal(184250), "TRY")) == "184,250.00 TRY"
    assert WORDS.value(Decimal("19.3333333")) == "19.33"
    assert WORDS.value(Decimal(1200)) == "1,200"
    assert WORDS.value({"amount": "563065.2", "currency": "TRY"}) == "563,065.20 TRY"
    assert WORDS.value(None) == "nothing"
    assert WORDS.value([]) == "none"
    assert WORDS.value({"days_late": Decimal(3)}) == "days late: 3"


def test_moments_are_told_in_the_companys_zone():
    assert WORDS.moment(sample.NOW) == "27 Mar 2026, 11:00"
    assert WORDS.weekday(sample.NOW) == "Friday, 27 March 2026"
    assert WORDS.age(timedelta(minutes=61)) == "1 hour"


def test_operations_are_told_as_what_will_be_done():
    assert WORDS.operation("crm.create_task") == "Create task in crm"
    assert WORDS.operation("mail.send") == "Send mail"


def test_a_proof_is_told_down_to_the_records():
    told = WORDS.proof(sample.proof("C-1042"))
    assert told.text == "The rule “overdue account” holds for Karadeniz Beton."
    invoice, risk = told.reasons
    assert invoice.text == "Invoice FT-8841:"
    overdue = invoice.reasons[0]
    assert overdue.text == "Days overdue of invoice FT-8841 is 23."
    assert overdue.reasons[0].source == "erp invoices/8841, version 7, since 15 Feb 2026, 11:00"
    assert overdue.reasons[2].text == "It is 27 March 2026."
    late = risk.reasons[0].reasons[0]
    assert late.text == "For Karadeniz Beton this gives 19.33:"
    assert late.omitted == 6


def test_a_step_that_only_repeats_its_field_is_left_out():
    count = Proof(kind="aggregate", path="customer:C1", value=Decimal(2), text="count(invoices)", omitted=2)
    field = Proof(kind="derived", path="customer:C1.n", value=Decimal(2), text="count(invoices)", reasons=(count,))
    told = WORDS.proof(field)
    assert (told.text, told.reasons, told.omitted) == ("N of customer C1 is 2.", (), 2)


def test_what_the_company_calls_its_fields_in_a_language_is_said_there():
    called = {"tr": {"days_overdue": "gecikme günü", "gone quiet": "sustu"}}
    turkish, english = Words("UTC", language="tr", called=called), Words("UTC", called=called)
    assert turkish.label("days_overdue") == "gecikme günü"
    assert turkish.value("gone quiet") == "sustu"
    assert turkish.label("risk_class") == "risk class"
    assert (english.label("days_overdue"), english.value("gone quiet")) == ("days overdue", "gone quiet")


def test_shares_are_written_as_the_language_does():
    assert Words("UTC", language="tr").forms.percent(0.455) == "%45,5"
    assert Words("UTC").forms.percent(0.455) == "45.5\u00a0%"


def test_a_capital_is_the_languages_own():
    assert Words("UTC", language="tr").capital("itirazlı fatura") == "İtirazlı fatura"  # noqa: RUF001  (Turkish)
    assert Words("UTC").capital("CRM no") == "CRM no"
    assert Words("UTC").capital("invoice") == "Invoice"
