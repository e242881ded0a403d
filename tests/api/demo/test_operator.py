from datetime import timedelta

from api.demo.changes import moment
from api.demo.operator import Operator, Waiting
from api.demo.payers import START


def mail(n, rule="first_reminder"):
    return Waiting(id=f"a{n}", ruleset="collections", rule=rule, subject=f"customer:{n}")


def test_outside_of_office_hours_mail_waits():
    operator = Operator(1)
    assert operator.rule(mail(1), moment(START, 8)) is None
    assert operator.rule(mail(1), moment(START + timedelta(days=5), 12)) is None


def test_most_first_reminders_are_approved_and_a_few_rejected_with_a_reason():
    rulings = [Operator(1).rule(mail(n), moment(START, 12)) for n in range(300)]
    rejected = [each for each in rulings if each.verdict == "reject"]
    assert 5 <= len(rejected) <= 40
    assert all(each.reason for each in rejected)


def test_later_reminders_are_always_approved():
    assert all(Operator(1).rule(mail(n, "second_reminder"), moment(START, 12)).verdict == "approve" for n in range(300))


def test_the_same_mail_gets_the_same_answer_at_any_hour():
    one, two = Operator(7), Operator(7)
    assert [one.rule(mail(n), moment(START, 12)) for n in range(50)] == [
        two.rule(mail(n), moment(START, 17)) for n in range(50)
    ]
