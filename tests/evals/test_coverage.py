from pathlib import Path

from evals.coverage import run

RULES = "rules/reminders/ruleset.yaml"


def test_conditions_that_no_example_makes_true_or_false_are_named(tmp_path):
    from api.starter import write_home

    write_home(tmp_path)
    file = tmp_path / RULES
    file.write_text(file.read_text().replace("oldest_due != null and", "oldest_due != null and name != null and"))
    results, found = run(tmp_path)
    assert all(each.passed for each in results)
    never = {part.text: part.never for rule in found.rules for part in rule.parts}
    assert never == {
        "oldest_due != null": (), "name != null": ("false",), 'today() > oldest_due + duration("P7D")': ()
    }  # fmt: skip
    assert (found.shown, found.outcomes) == (5, 6)
    assert "no example makes `name != null` false" in found.text()


def test_a_rule_without_an_example_shows_nothing(tmp_path):
    from api.starter import write_home

    write_home(tmp_path)
    (tmp_path / "rules" / "reminders" / "examples.yaml").unlink()
    _, found = run(tmp_path)
    assert found.percent == 0
    assert found.rules[0].parts[0].never == ("true", "false")


def test_only_the_named_workflows_count():
    _, found = run(Path(), ["nothing"])
    assert (found.rules, found.percent) == ((), 100.0)
