"""Printing and parsing nodes, walking and rewriting them, and values as JSON."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.feel import Env, Money, Range, YearsMonths, ast, compile, evaluate, from_json, parse, to_json, unparse

EXPRESSIONS = [
    "a + b * (c - d)",
    "-(a + b) ** 2",
    "(a - b) - (c - d)",
    "a and (b or c) and not(d)",
    "(a and b) and c",
    "(a = b) = c",
    "a between b and c and d",
    "a in (1, < 2, [3..4), (> 5))",
    "x[item > 1][1].y.z",
    "(if a then b else c) + 1",
    "(for i in 1..3, j in xs return i) [1]",
    "(some x in xs, y in x satisfies x > y) or z",
    "function(a: list<number>, b: context<x: date and time>) a",
    "(function(a) a + 1)(2)",
    "f(a: 1, b c: 2)",
    '{a: 1, "b\\"c": [1, {}]}',
    '@"P1D" + duration("PT1H")',
    "a instance of function<number, string> -> Any",
    "[(1..2), ]3..4[]",
    "a.start included",
    '"line\\n\\t\\\\end"',
    "1e30 + 1e-30 + 1e400",
    "null",
    "(-1)[1]",
    "-x.y[1]",
    "1 - -1",
    "(> 5)",
    "function() external {java: {}}",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_printing_and_parsing_gives_the_same_nodes(text):
    node = parse(text)
    assert parse(unparse(node)) == node
    assert unparse(parse(unparse(node))) == unparse(node)


@pytest.mark.parametrize(
    "text", ["-", "1, 2", "< 5, [1..2]", "not(1, > 3)", "? > 1 and ? < 3", '"a", "b"', "not(a) or b", "x = 1, y"]
)
def test_cells_too(text):
    node = parse(text, unary=True)
    assert parse(unparse(node), unary=True) == node


def test_brackets_are_written_only_where_needed():
    assert unparse(parse("((a) + ((b) * (c)))")) == "a + b * c"
    assert unparse(parse("(a + b) * c")) == "(a + b) * c"


def test_nodes_are_equal_without_their_positions():
    assert parse("a+1") == parse("  a  +  1.0")
    assert hash(parse("a+1")) == hash(parse("a + 1"))
    assert parse("1") != parse("true")
    assert parse('"a"') != parse("a")


def test_positions_span_their_text():
    text = "sum(\n  items[price > 1].price)"
    path = parse(text).arguments[0]
    assert (path.position.line, path.position.column) == (2, 3)
    assert text[path.position.start : path.position.end] == "items[price > 1].price"


def test_children_and_walk():
    node = parse("a + f(b, [c])")
    assert [type(child).__name__ for child in ast.children(node)] == ["Name", "Call"]
    assert [part.name for part in ast.walk(node) if isinstance(part, ast.Name)] == ["a", "f", "b", "c"]


def test_rewriting_keeps_what_does_not_change():
    node = parse("if a > 1 then [a, b] else b")

    def rename(part):
        return ast.Name("z") if part == ast.Name("a") else ast.map_children(part, rename)

    assert unparse(rename(node)) == "if z > 1 then [z, b] else b"
    assert ast.map_children(node, lambda part: part) is node


def test_a_rewritten_node_compiles(env):
    shared = parse("x + 1")
    node = ast.Compare(">", shared, ast.Arithmetic("*", shared, ast.Number(Decimal("0.5"))))
    assert compile(node).run({"x": Decimal(3)}, env) is True


VALUES = [
    ("1.50", {"number": "1.5"}),
    ("1e3", {"number": "1000"}),
    ("0 * -1", {"number": "0"}),
    ("1e100", {"number": "1E+100"}),
    ('"a"', {"string": "a"}),
    ("true", True),
    ("null", None),
    ('@"2026-01-05"', {"date": "2026-01-05"}),
    ('@"08:00:00.5@Europe/Berlin"', {"time": "08:00:00.5@Europe/Berlin"}),
    ('@"2026-01-05T08:00:00+01:00"', {"date and time": "2026-01-05T08:00:00+01:00"}),
    ('@"-P1DT2H"', {"duration": "-P1DT2H"}),
    ('@"P14M"', {"duration": "P1Y2M"}),
    ("[1, [null]]", {"list": [{"number": "1"}, {"list": [None]}]}),
    ('{a: "b"}', {"context": {"a": {"string": "b"}}}),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES)
def test_values_as_json_and_back(expression, expected):
    value = evaluate(expression)
    assert to_json(value) == expected
    assert to_json(from_json(to_json(value))) == expected


def test_ranges_and_functions_as_json():
    assert from_json(to_json(evaluate("[1..2)"))) == Range(1, 2, low_included=True, high_included=False)
    assert from_json(to_json(evaluate("(> 1)"))) == evaluate("(> 1)")
    assert to_json(evaluate("function(a, b) a")) == {"function": {"name": None, "parameters": ["a", "b"]}}


@pytest.mark.parametrize("data", [1, "a", {}, {"number": "1", "string": "a"}, {"date": "soon"}, {"other": 1}, [1]])
def test_what_is_no_tagged_value(data):
    with pytest.raises(ValueError, match="no tagged value"):
        from_json(data)


@pytest.mark.parametrize("digits", ["NaN", "Infinity", "x", ""])
def test_only_finite_numbers_come_back(digits):
    with pytest.raises(ValueError, match="no number"):
        from_json({"number": digits})


def test_own_types_compare_as_the_standard_ones_do():
    wide = evaluate('[@"10000-01-01", @"9999-12-31", @"-0001-01-01"]')
    assert sorted(wide) == [wide[2], wide[1], wide[0]]
    assert YearsMonths(12) == evaluate('@"P1Y"')
    assert Money(Decimal("1.0"), "EUR") == Money(Decimal(1), "EUR")
    now = Env(datetime(2026, 1, 5, tzinfo=UTC)).now
    assert evaluate("x", {"x": now}) is now
