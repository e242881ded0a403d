"""What `opslayer check` tells of rules that are sound and cannot be meant, each with its place and an example."""

import pytest

RULES = "rules/reminders/ruleset.yaml"
MORE = """
  - id: {id}
    for: {type}
    when: |
      {when}
    set:
      {field}: {value}
"""
FIELDS = """
      grade: {type: text, concluded: unique}
      score: {type: number}
"""


@pytest.fixture
def warned(call, home):
    """Add rules to the home, and return what check warns of, by code."""
    model = home / "config/model.yaml"
    model.write_text(model.read_text().replace("      name: text\n", "      name: text\n" + FIELDS.lstrip("\n"), 1))

    def run(*rules):
        file = home / RULES
        text = "".join(
            MORE.format(id=f"r{number}", type="customer", when=when, field="grade", value=f"'\"{value}\"'")
            for number, (when, value) in enumerate(rules)
        )
        file.write_text(file.read_text() + text)
        done = call("--json", "check")
        assert done.code == 0, done.out + done.err
        return {each["type"].rpartition(":")[2]: each for each in done.json()["warnings"]}

    return run


@pytest.mark.parametrize(
    ("code", "rules", "said"),
    [
        ("never-fires", [("score > 5 and score < 3", "a")], "score"),
        ("always-fires", [('name = "x" or name != "x"', "a")], "r0"),
        ("conflicting-conclusions", [("score > 5", "a"), ("score > 3", "b")], "score"),
        ("recomputed", [("count(invoices[number = name]) > 0 and (some i in invoices satisfies i.number > name)", "a")], "anew"),
        ("daily", [('day of week(today()) = "Monday"', "a")], "midnight"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told_with_place_and_example(warned, code, rules, said):
    found = warned(*rules)
    assert code in found, sorted(found)
    file, line, _ = found[code]["where"].split(":")
    assert file == RULES
    assert int(line) > 20
    assert said in found[code]["detail"]


def test_a_loop_is_refused_with_file_and_line_at_each_step(call, home):
    model = home / "config/model.yaml"
    model.write_text(model.read_text().replace(
        "      name: text\n",
        "      name: text\n      one: {type: number, derived: two + 1}\n      two: {type: number, derived: one + 1}\n", 1,
    ))  # fmt: skip
    done = call("--json", "check")
    assert done.code == 1
    (loop,) = [each for each in done.json()["problems"] if each["type"].endswith(":loop")]
    assert loop["detail"].count("config/model.yaml:") == 2
    assert "customer.one reads customer.two" in loop["detail"]
