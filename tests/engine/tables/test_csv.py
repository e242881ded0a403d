"""Tables as spreadsheets save them."""

from decimal import Decimal

import pytest

from engine.tables import compile_table
from engine.tables.csvform import read_csv
from tests.engine.tables.given import env

PLAIN = '''FIRST,in: segment,in: amount,out: discount
label,,total,
type,string,number,number
values,"""gold"", ""silver""",>= 0,
default,,,0

large orders,"""gold""",>= 1000,0.1
,-,>= 5000,total / 100000
'''


def read(text):
    table, _, problems = read_csv(text.encode(), "rules/r/tables/t.csv")
    return table, problems


def test_headers_make_columns_and_lines_make_rows():
    table, problems = read(PLAIN)
    assert not problems
    assert (table.policy, [each.name for each in table.inputs]) == ("F", ["segment", "total"])
    assert [row.note for row in table.rows] == ["large orders", ""]


@pytest.mark.parametrize(
    ("segment", "amount", "gives"), [("gold", 1000, "0.1"), ("silver", 5000, "0.05"), ("silver", 1, "0")]
)
def test_it_decides_as_the_same_table_in_yaml(segment, amount, gives):
    compiled = compile_table(read(PLAIN)[0])
    assert compiled.evaluate({"segment": segment, "amount": Decimal(amount)}, env()) == Decimal(gives)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_and_the_mark_of_spreadsheets_are_known(separator):
    table, problems = read("\ufeff" + f"U{separator}in: a{separator}out: b\n{separator}< 1{separator}2\n")
    assert not problems
    assert table.rows[0].when[0].text == "< 1"


def test_a_subject_type_may_follow_the_hit_policy():
    table, _ = read("RULE ORDER for customer,in: name,out: b\n")
    assert (table.policy, table.for_) == ("R", "customer")


def test_every_cell_knows_its_place():
    table, _ = read('U,in: a,out: b\n"two\nlines","""x"", ""y""",1\n  , < 2,3\n')
    first, second = table.rows
    assert (first.when[0].place.line, first.when[0].place.column) == (3, 9)
    assert first.when[0].at_offset(5).column == 16  # the quote before y, past two doubled ones
    assert (second.when[0].text, second.when[0].place.line, second.when[0].place.column) == ("< 2", 4, 5)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("X,in: a,out: b\n", (1, 1), "no hit policy"),
        ("U,a,out: b\n", (1, 3), "neither input nor output"),
        ("U,in: a\n", (1, 1), "no output column"),
        ("U,in: a,out: b\n,1,2,3\n", (2, 6), "in no column"),
        ("\n", (1, 1), "empty"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text, place, message):
    _, problems = read(text)
    assert message in problems[0].message
    assert (problems[0].place.line, problems[0].place.column) == place
