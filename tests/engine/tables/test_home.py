"""Tables in a home folder: read, checked, and called from its expressions."""

from decimal import Decimal

import pytest

from engine.feel import Env
from engine.inference.rulebook import Rulebook
from engine.rules import load_home
from engine.source import ConfigError, Memory
from tests.engine.tables.given import NOW

MODEL = """format: 1
entities:
  customer:
    root: customer
    label: name
    person: self
    fields:
      name: text
      segment: text
      balance: number
      grade: {type: text, derived: 'credit grade(segment, balance)'}
"""
GRADE = """format: 1
name: credit grade
for: customer
hit: U
inputs:
  - {expression: segment, values: ['"gold", "plain"']}
  - {expression: balance, label: open balance}
outputs:
  - {name: grade, values: ['"A"', '"B"', '"C"']}
rows:
  - {when: ['"gold"', "< 1000"], then: ['"A"']}
  - {when: ['"gold"', ">= 1000"], then: ['"B"']}
  - {when: ['"plain"', "-"], then: ['"C"']}
"""
FEE = 'C+,in: grade,in: days,out: fee\n,"""C""",> 7,10\n,-,> 30,fee step(days)\n'
STEP = "format: 1\nname: fee step\ninputs: [{expression: days, type: number}]\noutputs: [{name: fee}]\nrows: [{when: ['> 30'], then: [days * 2]}]\n"
RULES = """format: 1
owner: ada
rules:
  - id: dear
    for: customer
    when: fee(grade, 40) > 50
"""
FILES = {
    "config/app.yaml": "format: 1\ncompany: Acme\n",
    "config/model.yaml": MODEL,
    "config/people.yaml": "format: 1\npeople:\n  - {id: ada, name: Ada, email: ada@example.org, roles: [analyst]}\n",
    "rules/credit/ruleset.yaml": RULES,
    "rules/credit/tables/grade.yaml": GRADE,
    "rules/credit/tables/fee.csv": FEE,
    "rules/credit/tables/step.yaml": STEP,
}


def home(**changes):
    return load_home(
        Memory({**FILES, **{f"rules/credit/tables/{file.replace('__', '.')}": text for file, text in changes.items()}})
    )


def codes(loaded, level="error"):
    return [
        (each.code, each.place.file.rsplit("/", 1)[-1], each.place.line)
        for each in (loaded.problems if level == "error" else loaded.warnings)
    ]


def test_a_home_with_tables_is_sound():
    loaded = home()
    assert not loaded.problems
    assert {table.name for table in loaded.tables.values()} == {"credit grade", "fee", "fee step"}


def test_rules_and_derived_fields_call_tables_which_call_tables():
    rulebook = Rulebook.of(home())
    compiled = rulebook.adhoc("customer", 'fee("C", 40)')
    assert compiled.program.run({}, Env(NOW)) == Decimal(90)
    named = rulebook.adhoc("customer", "credit grade(open balance: balance, segment: segment)")
    assert named.program.run({"segment": "gold", "balance": Decimal(5)}, Env(NOW)) == "A"
    assert named.reads == {("segment",), ("balance",)}


def test_mappings_call_tables():
    from engine.events import Record
    from engine.mapping import compile_mapping

    sources = "format: 1\nsources:\n  erp: {connector: files, path: x, streams: {c: {key: K, fields: [K, DAYS]}}}\n"
    mapping = (
        "format: 1\nsource: erp\nstreams:\n  c:\n    - {entity: customer, fields: {balance: fee step(number(DAYS))}}\n"
    )
    loaded = load_home(Memory({**FILES, "config/sources.yaml": sources, "mappings/erp.yaml": mapping}))
    assert not loaded.problems
    mapper = compile_mapping(loaded.mappings["erp"], loaded.model, functions=loaded.functions)
    record = Record(source="erp", stream="c", key="1", data={"K": "1", "DAYS": "40"}, version="1", valid_at=NOW)
    assert mapper.map(record)[0].event.fields["balance"] == Decimal(80)


def test_a_call_is_held_against_the_columns_types():
    with pytest.raises(ConfigError, match="number is needed here, not string"):
        Rulebook.of(home()).adhoc("customer", 'fee("C", "many")')


def test_a_fault_is_at_its_cell():
    loaded = home(grade__yaml=GRADE.replace('"< 1000"', '"< balanc"'))
    problem = loaded.problems[0]
    assert (problem.code, problem.place.line, problem.place.column) == ("unknown-name", 11, 26)
    assert len(loaded.problems) == 1  # and none where the table is called


def test_types_that_do_not_fit_are_found():
    assert codes(home(grade__yaml=GRADE.replace('"< 1000"', "'\"much\"'"))) == [("feel-type", "grade.yaml", 11)]
    assert (
        codes(home(step__yaml=STEP.replace("days * 2", "'\"x\"'").replace("{name: fee}", "{name: fee, type: number}")))[
            0
        ][0]
        == "feel-type"
    )


def test_values_outside_the_declared_lists_are_found():
    assert codes(home(grade__yaml=GRADE.replace("when: ['\"plain\"'", "when: ['\"plane\"'"))) == [
        ("bad-value", "grade.yaml", 13)
    ]
    assert (
        codes(
            home(
                grade__yaml=GRADE.replace("'\"C\"']}", "'\"D\"']}").replace(
                    "values: ['\"A\"', '\"B\"', '\"D\"']", "values: ['\"A\"', '\"B\"', '\"C\"']"
                )
            )
        )[0][0]
        == "bad-value"
    )


def test_an_overlap_under_unique_is_an_error_with_an_example():
    problem = home(grade__yaml=GRADE.replace(">= 1000", ">= 999")).problems[0]
    assert problem.code == "table-overlap"
    assert 'segment = "gold", open balance = 999' in problem.message


def test_a_gap_is_a_warning_unless_a_default_fills_it():
    gappy = GRADE.replace(">= 1000", "> 1000")
    assert ("table-gap", "grade.yaml", 1) in codes(home(grade__yaml=gappy), "warning")
    filled = gappy.replace("{name: grade,", "{name: grade, default: '\"C\"',")
    assert "table-gap" not in [
        code for code, file, _ in codes(home(grade__yaml=filled), "warning") if file == "grade.yaml"
    ]


def test_a_row_that_is_never_reached_is_a_warning():
    shadowed = GRADE.replace("hit: U", "hit: F").replace('\'"gold"\', "< 1000"', '\'"gold"\', "-"')
    assert ("table-unreachable", "grade.yaml", 12) in codes(home(grade__yaml=shadowed), "warning")


def test_rows_have_one_cell_for_each_column():
    assert codes(home(grade__yaml=GRADE.replace('[\'"plain"\', "-"]', "['\"plain\"']"))) == [
        ("row-width", "grade.yaml", 13)
    ]


def test_tables_do_not_look_at_the_clock():
    assert codes(home(step__yaml=STEP.replace("days * 2", "today().day"))) == [("clock-in-table", "step.yaml", 5)]


def test_cells_see_the_inputs_alone():
    assert codes(home(grade__yaml=GRADE.replace("'\"A\"']}\n", "name]}\n")))[0][0] == "unknown-name"


def test_tables_that_call_each_other_are_refused():
    circle = STEP.replace("[days * 2]", "['fee(\"C\", days)']")
    problem = home(step__yaml=circle).problems[0]
    assert problem.code == "table-loop"
    assert "fee step -> fee -> fee step" in problem.message or "fee -> fee step -> fee" in problem.message


@pytest.mark.parametrize(
    ("name", "code"), [("count", "reserved-name"), ("credit grade", "duplicate-id"), ("1st", "reserved-name")]
)
def test_names_must_be_callable_and_free(name, code):
    found = codes(home(step__yaml=STEP.replace("fee step", name), fee__csv="U,out: a\n,1\n"))
    assert code in [each for each, _, _ in found]


def test_priority_needs_an_order_and_a_sum_one_output():
    assert codes(home(step__yaml=STEP.replace("inputs:", "hit: P\ninputs:")))[0][0] == "no-priority"
    two = (
        STEP.replace("[{name: fee}]", "[{name: a}, {name: b}]")
        .replace("[days * 2]", "[1, 2]")
        .replace("inputs:", "hit: C+\ninputs:")
    )
    assert codes(home(step__yaml=two))[0][0] == "several-outputs"
