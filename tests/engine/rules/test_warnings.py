from pathlib import Path

import pytest

from engine.rules import load_home
from engine.source import Memory

GOOD = Path(__file__).parents[2] / "cases" / "config" / "good"


def home(**changes):
    files = {path.relative_to(GOOD).as_posix(): path.read_bytes() for path in GOOD.rglob("*") if path.is_file()}
    return load_home(Memory({**files, **changes}))


def codes(found):
    return [(warning.code, str(warning.place)) for warning in found.warnings]


def test_a_prompt_that_no_action_uses():
    found = home(**{"rules/collections/prompts/third.md": "---\nformat: 1\n---\n## template en\nHello.\n"})
    assert codes(found) == [("unused-prompt", "rules/collections/prompts/third.md:1:1")]
    assert found.problems == ()
    found.sound()


def test_a_rule_without_an_example():
    found = home(**{"rules/collections/examples.yaml": "format: 1\nexamples: []\n"})
    assert codes(found) == [
        ("no-example", "rules/collections/ruleset.yaml:6:9"),
        ("no-example", "rules/collections/ruleset.yaml:16:9"),
    ]


def test_a_stream_that_no_mapping_reads():
    found = home(**{"mappings/mail.yaml": "format: 1\nsource: mail\n"})
    assert codes(found) == [("unmapped-stream", "config/sources.yaml:38:15")]
    assert found.warnings[0].level == "warning"


def test_a_fact_that_nothing_reads_and_a_field_that_nothing_fills():
    model = (GOOD / "config/model.yaml").read_text(encoding="utf-8")
    more = "      risk: {type: text"
    assert more in model
    changed = model.replace(more, "      grade: {type: text, concluded: unique}\n      region: text\n" + more)
    rules = (GOOD / "rules/collections/ruleset.yaml").read_text(encoding="utf-8")
    read = rules.replace("    because: Paid", "    because: In {region} paid")
    found = home(**{"config/model.yaml": changed, "rules/collections/ruleset.yaml": read})
    assert [warning.message for warning in found.warnings] == [
        "customer.grade is concluded and nothing reads it",
        "customer.region is read and no mapping fills it",
    ]


def test_a_file_under_a_name_that_is_not_read():
    found = home(**{"mappings/erp.yml": "", "rules/collections/rules.yaml": "", "config/autonomie.yaml": ""})
    assert [code for code, _ in codes(found)] == ["unread-file"] * 3


POLICIES = "format: 1\npolicies:\n  internal_tasks: {approval: never, POLICY}\ndefault: internal_tasks\n"
RULES = (GOOD / "rules/collections/ruleset.yaml").read_text(encoding="utf-8")


def counted(policy, rules=RULES):
    changed = POLICIES.replace("POLICY", policy)
    return home(**{"config/autonomy.yaml": changed, "rules/collections/ruleset.yaml": rules})


@pytest.mark.parametrize("policy", ["caps: {amount: {total: 50, within: P1D}}", "amount: amount", "amount: credit"])
def test_an_action_without_the_key_of_a_policy_that_counts_money(policy):
    for rules in (RULES, RULES.replace("        autonomy: internal_tasks\n", "")):
        found = counted(policy, rules)
        assert codes(found) == [("uncounted-money", "rules/collections/ruleset.yaml:20:13")]
    assert found.problems == ()


def test_the_warning_names_the_policy_the_key_and_the_nearest_key():
    warning = counted("amount: titel").warnings[0]
    assert warning.message == (
        "internal_tasks counts the money under `titel`, which follow_up has not under `with`; did you mean `title`?"
    )
    assert warning.hint.endswith("its keys: assignee, customer, title, context")


@pytest.mark.parametrize("policy", ["caps: {per_hour: 200}", "amount: title", "undo: PT2M"])
def test_no_warning_where_the_key_is_there_or_nothing_is_counted(policy):
    assert counted(policy).warnings == ()
