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
    assert codes(found) == [("unmapped-stream", "config/sources.yaml:37:15")]
    assert found.warnings[0].level == "warning"
