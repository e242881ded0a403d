from collections import Counter
from datetime import timedelta
from statistics import mean

import pytest

from api.demo.chance import chance
from api.demo.company import found
from api.demo.payers import DAYS, LAST, START, TALK, Payer
from api.demo.truth import truth
from api.demo.words import ascii_name, tax_number

SEEDS = range(20)


@pytest.fixture(scope="module", params=SEEDS)
def company(request):
    return found(request.param)


def late_accounts(company, day, grace):
    def is_open(invoice):
        return invoice.issued <= day and (invoice.pays is None or invoice.pays > day)

    return {i.customer.ref for i in company.invoices if is_open(i) and i.due < day - timedelta(days=grace)}


def test_about_forty_accounts_are_overdue_on_the_last_day(company):
    assert 36 <= len(late_accounts(company, LAST, 0)) <= 44


def test_nobody_is_a_week_or_less_over_on_the_last_day_so_a_grace_period_changes_nothing(company):
    assert late_accounts(company, LAST, 0) == late_accounts(company, LAST, 7)


def test_five_to_eight_accounts_need_a_conversation_of_every_kind_and_all_are_overdue(company):
    talk = [who for who in company.customers if who.profile.payer in TALK]
    assert 5 <= len(talk) <= 8
    assert {who.profile.payer for who in talk} == TALK
    assert {who.ref for who in talk} <= late_accounts(company, LAST, 7)


def test_prompt_payers_owe_nothing_old_on_the_last_day(company):
    late = late_accounts(company, LAST, 0)
    assert not [who for who in company.customers if who.profile.payer is Payer.PROMPT and who.ref in late]


def test_there_are_between_120_and_200_customers_with_a_year_of_payments_before_the_first_day(company):
    assert 120 <= len(company.customers) <= 200
    assert all(company.invoices_of(who)[0].due < START - timedelta(days=300) for who in company.customers)


def test_one_customer_is_billed_in_two_currencies(company):
    billed = Counter(who for who, _ in {(i.customer.ref, i.currency) for i in company.invoices})
    assert [count for count in billed.values() if count > 1] == [2]


def test_codes_tax_numbers_and_addresses_name_one_customer_each(company):
    for name in ("code", "tax_id", "crm_id", "email", "contact_email", "name"):
        assert len({getattr(who, name) for who in company.customers}) == len(company.customers), name


def test_the_crm_knows_some_customers_by_code_some_by_tax_number_some_by_mail_alone(company):
    assert {who.linked_by for who in company.customers} == {"code", "tax_id", "email"}


def test_only_degrading_payers_are_ten_days_later_than_in_their_own_earlier_months(company):
    for who in company.customers:
        paid = [(i.pays, (i.pays - i.due).days) for i in company.invoices_of(who) if i.pays and i.pays <= LAST]
        recent = [late for day, late in paid if day >= LAST - timedelta(days=90)]
        usual = [late for day, late in paid if LAST - timedelta(days=365) <= day < LAST - timedelta(days=90)]
        slower = len(recent) >= 3 and mean(recent) > mean(usual) + 10
        assert slower == (who.profile.payer is Payer.DEGRADING), who


def test_slow_payers_never_stray_more_than_a_few_days_from_their_habit(company):
    for who in company.customers:
        if who.profile.payer is Payer.SLOW:
            late = [(i.pays - i.due).days for i in company.invoices_of(who) if i.pays]
            assert max(late) - min(late) <= 6


def test_the_same_seed_makes_the_same_company_and_another_seed_another():
    assert found(3) == found(3)
    assert found(3).customers != found(4).customers


def test_truth_names_the_payer_of_every_customer():
    company = found(5)
    told = truth(company)
    assert told["days"] == DAYS == 84
    assert {code: each["payer"] for code, each in told["customers"].items()} == {
        who.code: who.profile.payer.value for who in company.customers
    }


def test_turkish_names_become_plain_addresses():
    assert ascii_name("Işık Çağlayan İnşaat") == "isikcaglayaninsaat"  # noqa: RUF001  (Turkish is meant)


@pytest.mark.parametrize("n", range(50))
def test_tax_numbers_carry_the_check_digit_of_the_tax_office(n):
    number = tax_number(chance("tax", n))
    total = 0
    for i in range(9):
        mixed = (int(number[i]) + 9 - i) % 10
        power = mixed * 2 ** (9 - i) % 9
        total += 9 if mixed and not power else power
    assert len(number) == 10
    assert int(number[9]) == (10 - total % 10) % 10
