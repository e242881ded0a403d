"""A prompt that rules of several entity types draft with: a fault says for which of them it is one."""

from pathlib import Path

from engine.rules import load_home
from engine.source import Memory

GOOD = Path(__file__).parents[2] / "cases" / "config" / "good"
RULES = "rules/collections/ruleset.yaml"
INVOICES = """\
  - id: large_invoice
    for: invoice
    when: days_overdue > 90
    do:
      - id: follow_up
        operation: crm.create_task
        with:
          assignee: customer.owner.email
          customer: customer.id
          title: |
            "Large: " + id
        draft: prompts/first_reminder.md
        autonomy: internal_tasks
"""


def faults(more=""):
    files = {path.relative_to(GOOD).as_posix(): path.read_bytes() for path in GOOD.rglob("*") if path.is_file()}
    prompt = files["rules/collections/prompts/first_reminder.md"].replace(b"customer: name", b"customer: nmae")
    files["rules/collections/prompts/first_reminder.md"] = prompt.replace(b"for {customer}", b"for {custmer}")
    files[RULES] += more.encode()
    found = load_home(Memory(files)).problems
    return [each.message for each in found if each.place.file.endswith("first_reminder.md")]


def test_of_one_entity_type_a_fault_is_told_as_it_is():
    assert [each.partition(";")[0] for each in faults()] == [
        "`nmae` is no field of customer", "`{custmer}` is no slot of this prompt",
    ]  # fmt: skip


def test_of_two_entity_types_a_fault_names_the_rule_and_what_it_is_for():
    found = faults(INVOICES)
    of_customers = [each for each in found if each.endswith("(for customer, rule collections/overdue_account)")]
    of_invoices = [each for each in found if each.endswith("(for invoice, rule collections/large_invoice)")]
    assert any("nmae" in each for each in of_customers)
    assert any("nmae" in each for each in of_invoices)
    assert sum("custmer" in each for each in found) == 1, "what is the same for all is told once"
