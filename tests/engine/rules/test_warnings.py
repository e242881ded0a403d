from pathlib import Path

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
