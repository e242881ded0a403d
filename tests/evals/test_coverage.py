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


TABLES = {
    "patience.yaml": """format: 1
name: patience
for: customer
hit: FIRST
inputs:
  - {expression: name, label: who}
outputs:
  - {name: days}
rows:
  - when: ['"Nobody"']
    then: ["90"]
    note: an old friend
  - when: ['"somebody"']
    then: ["30"]
  - when: ['-']
    then: ["7"]
""",
    "unasked.csv": "UNIQUE,in: days,out: more\n,> 5,1\n,<= 5,0\n",
}


def tabled(folder):
    from api.starter import write_home

    write_home(folder)
    rules = folder / RULES
    text = rules.read_text().replace('duration("P7D")', 'duration("P1D") * patience(name)')
    rules.write_text(text)
    (folder / "rules" / "reminders" / "tables").mkdir()
    for name, content in TABLES.items():
        (folder / "rules" / "reminders" / "tables" / name).write_text(content)


def test_rows_that_no_example_matches_or_passes_over_are_named(tmp_path):
    tabled(tmp_path)
    results, found = run(tmp_path)
    assert all(each.passed for each in results)
    patience, unasked = found.tables
    assert [(each.row, each.never) for each in patience.rows] == [(1, ("true",)), (2, ("true",)), (3, ())]
    assert (patience.called, unasked.called) == (True, False)
    told = found.text()
    assert 'rules/reminders/tables/patience.yaml:10:5: no example matches row 1 ("Nobody")' in told
    assert "rules/reminders/tables/unasked.csv: table unasked: no example asks it" in told


def test_rows_count_as_conditions_do(tmp_path):
    tabled(tmp_path)
    _, found = run(tmp_path)
    conditions = sum(2 * len(rule.parts) for rule in found.rules)
    assert found.outcomes == conditions + 2 + 2 + 1 + 4
    assert found.outcomes - found.shown == sum(rule.missing for rule in found.rules) + 2 + 4


def test_the_command_tells_rows_and_holds_the_threshold(tmp_path):
    import json

    from click.testing import CliRunner

    from api.cli.root import opslayer

    tabled(tmp_path)
    home = ["--home", str(tmp_path)]
    done = CliRunner().invoke(opslayer, [*home, "--json", "test", "--min", "90"])
    assert done.exit_code == 1
    assert json.loads(done.stdout)["coverage"]["tables"][0]["rows"][0]["never"] == ["true"]
    assert CliRunner().invoke(opslayer, [*home, "test", "--coverage", "--min", "10"]).exit_code == 0
