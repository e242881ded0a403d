from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from approvals.configured import autonomy, people, prompt
from approvals.payload import build, check, digest_of
from approvals.plain import NotPlain, plain
from engine.feel import Money, Range, Record, YearsMonths
from tests.approvals.world import MAIL, TASK, words


class Entity(Record):
    def __init__(self, **fields):
        self.fields = fields

    def get(self, name, default=None):
        return self.fields.get(name, default)

    def keys(self):
        return self.fields.keys()


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (Decimal("1.50"), 1.5),
        (Decimal(7), 7),
        (Decimal("0.1234567890123456789"), "0.1234567890123456789"),
        (Money(Decimal("1234.50"), "TRY"), {"amount": "1234.50", "currency": "TRY"}),
        (date(2026, 3, 5), "2026-03-05"),
        (datetime(2026, 3, 5, 9, tzinfo=UTC), "2026-03-05T09:00:00+00:00"),
        (time(9, 30), "09:30:00"),
        (timedelta(days=2), "P2D"),
        (YearsMonths(-14), "-P1Y2M"),
        (Entity(id="p7", name="Ayşe"), "p7"),
        ([Entity(id="I1", amount=Decimal(5), customer=Entity(id="C1"))], [{"id": "I1", "amount": 5}]),
        ({"owner": Entity(id="p7", tags=["x"])}, {"owner": {"id": "p7"}}),
    ],
)
def test_values_are_sent_in_plain_json(value, sent):
    assert plain(value) == sent


def test_what_no_target_takes_is_a_problem_not_a_crash():
    with pytest.raises(NotPlain):
        plain(Range(1, 2, True, True))
    built = build(TASK, {"assignee": Range(1, 2, True, True)}, None)
    assert [problem.code for problem in built.problems] == ["not-plain", "missing-payload-key"]


def test_words_go_where_the_operation_wants_them():
    built = build(MAIL, {"to": "info@acme.example"}, words("Pay, please."))
    assert built.payload == {"to": "info@acme.example", "text": "Pay, please.", "subject": "Reminder"}
    assert built.recipient == "info@acme.example"
    assert built.problems == ()


def test_a_field_the_operation_does_not_have_is_refused():
    assert [problem.code for problem in check(TASK, {"assignee": "p7", "bcc": "x"})] == ["unknown-payload-key"]


def test_a_digest_is_of_one_action_one_operation_one_payload():
    payload = {"to": "a@b.example", "text": "x"}
    digest = digest_of("p1", "mail.send", payload)
    assert digest == digest_of("p1", "mail.send", dict(reversed(payload.items())))
    others = {
        digest_of("p2", "mail.send", payload),
        digest_of("p1", "crm.create_task", payload),
        digest_of("p1", "mail.send", {**payload, "text": "y"}),
    }
    assert digest not in others
    assert len(others) == 3


def test_the_files_of_a_home_folder_become_what_approvals_run_on():
    import msgspec

    from engine.rules.prompts import read_prompt
    from engine.settings.autonomy import Autonomy
    from engine.settings.people import People

    policies = {"mail": {"undo": "PT2M", "expires": "P7D", "four_eyes": True, "amount": "total",
                         "caps": {"per_customer": {"count": 1, "within": "P2D"}, "amount": {"total": "500", "within": "P1D"}}}}  # fmt: skip
    made = autonomy(msgspec.convert({"policies": policies, "default": "mail"}, Autonomy), "TRY")
    policy = made.policy("")
    assert policy is not None
    assert (policy.undo, policy.expires) == (timedelta(minutes=2), timedelta(days=7))
    assert policy.caps.amount is not None
    assert (policy.caps.amount.total, policy.caps.amount.currency) == (Decimal(500), "TRY")
    someone = {"id": "ayse", "roles": ["operator"], "amount_limit": 1000}
    assert people(msgspec.convert({"people": [someone]}, People))["ayse"].amount_limit == Decimal(1000)

    file = (
        b"---\nformat: 1\nslots:\n  customer: name\nsubject: Hello {customer}\n---\n## template en\nDear {customer}\n"
    )
    read, _, problems = read_prompt(file, "prompts/a.md")
    assert problems == []
    assert read is not None
    assert prompt(read).subject("en") == "Hello {customer}"
    assert prompt(read).required("en") == {"customer"}
