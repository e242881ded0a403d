"""Names with spaces and symbols (DMN 1.5, 10.3.1.4)."""

import pytest

from engine.feel import FeelSyntaxError, ast, evaluate, parse


def test_names_bound_in_the_expression(case):
    """
    {days overdue: 8, late: days overdue > 7}.late => true
    {a+b: 1, a: 5, b: 7, c: a+b}.c => 1
    {a: 5, b: 7, c: a+b}.c => 12
    {a-b: 1, c: a - b + 1}.c => 2
    {date and name: 1, c: date and name}.c => 1
    {"x/y": 2, z: x/y * 2}.z => 4
    {a: {b c: 3}}.a.b c => 3
    for my item in [1, 2] return my item + 1 => [2, 3]
    some the one in [1] satisfies the one = 1 => true
    (function(first value, second value) first value - second value)(3, 1) => 2
    (function(a b) a b)(a b: 4) => 4
    [{unit price: 1}, {unit price: 3}][unit price > 2].unit price => [3]
    {Größe: 1, 🐎: 2, x: Größe + 🐎}.x => 3
    {if so: 1}.if so => 1
    """
    case.check()


@pytest.mark.parametrize(
    ("expression", "context", "expected"),
    [
        ("days overdue > 7", {"days overdue": 8}, True),
        ("a+b", {"a+b": 1, "a": 10, "b": 20}, 1),
        ("a+b", {"a": 10, "b": 20}, 30),
        ("a +  b", {"a+b": 1}, 1),
        ("customer.full name", {"customer": {"full name": "Anna"}}, "Anna"),
        ("customers.full name", {"customers": [{"full name": "Anna"}]}, ["Anna"]),
        ("o'clock + 1", {"o'clock": 1}, 2),
        ("loan amount / loan term", {"loan amount": 10, "loan term": 4}, 2.5),
        ("count", {"count": 3}, 3),
        ("count(items)", {"items": [1, 2]}, 2),
        ("item", {"item": 5}, 5),
        ("x in y", {"x": 1, "y": [1]}, True),
        ("now in stock", {"now in stock": True}, True),
        ("count(count)", {"count": [1, 2]}, 2),
        ("abs(1)", {"abs": evaluate("function(x) 7")}, 7),
        ("paid.date and time", {"paid": {"date": True}, "time": False}, False),
        ("r.start included", {"r": evaluate("[1..2]")}, True),
    ],
)
def test_names_known_from_the_context(expression, context, expected):
    assert evaluate(expression, context) == expected


def test_the_longest_known_name_wins():
    assert parse("a b c", names=["a", "a b", "a b c"]) == ast.Name("a b c")
    assert parse("a-b-c", names=["a-b"]) == ast.Arithmetic("-", ast.Name("a-b"), ast.Name("c"))


def test_words_in_a_row_are_one_unknown_name():
    assert parse("days overdue > 7") == ast.Compare(">", ast.Name("days overdue"), parse("7"))
    assert parse("invoice.days overdue") == ast.Path(ast.Name("invoice"), "days overdue")


@pytest.mark.parametrize("text", ["then", "a b in", "1a", "for", "a..b", "a.", "a.1", "#a", "f(a: 1, 2)", "f(1, a: 2)"])
def test_what_is_no_name(text):
    with pytest.raises(FeelSyntaxError):
        parse(text)
