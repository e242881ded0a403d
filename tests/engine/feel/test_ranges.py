"""Ranges, `in`, unary tests and interval functions (DMN 1.5, 10.3.2.7, 10.3.2.12 and 10.3.4.9)."""

import pytest

from engine.feel import Env, Range, compile, evaluate


def test_every_openness(case):
    """
    1 in [1..2] => true
    1 in (1..2] => false
    1 in ]1..2] => false
    2 in [1..2) => false
    2 in [1..2[ => false
    1.5 in ]1..2[ => true
    [1..2[ = [1..2) => true
    ]1..2] = (1..2] => true
    "b" in ["a".."c"] => true
    @"2026-01-05" in [@"2026-01-01"..@"2026-02-01") => true
    1 + 1 in [3 - 2..3] => true
    [1, [2..3[, 4][2] = [2..3) => true
    {a: [1..5[, b: 3 in a}.b => true
    """
    case.check()


def test_unbounded_ranges(case):
    """
    5 in (> 3) => true
    5 in (< 3, > 4) => true
    5 in >= 5 => true
    5 in != 5 => false
    5 in (= 5) => true
    {r: (>= 5), a: 5 in r}.a => true
    [(< 3), (> 10)][2].start => 10
    """
    case.check()


def test_in_lists_and_lists_of_ranges(case):
    """
    1 in (1, 2) => true
    1 in [1, 2] => true
    3 in ([1..2], [3..4]) => true
    3 in [[1..2], [3..4]] => true
    [1] in [[1], [2]] => true
    null in [1, null] => true
    1 in 1 => true
    1 in (2) => false
    1 in (1 + 1) * 2 => false
    1 in [] => false
    1 in null => false
    null in [1..2] => null
    1 in [null..2] => null
    1 in ("a".."b") => fault
    1 in "a" => fault
    5 in (? > 3) => true
    5 in (? > 7, ? = 5) => true
    [1, 2, 3][item in (? >= 2)] => [2, 3]
    "abc" in contains(?, "b") => true
    """
    case.check()


def test_properties_of_ranges(case):
    """
    [1..2).start => 1
    [1..2).end => 2
    [1..2).start included => true
    [1..2).end included => false
    [1..2).middle => fault
    [1.."a"] => fault
    """
    case.check()


def test_range_from_text(case):
    r"""
    range("[1..2)") => [1..2)
    range("]\"a\"..\"c\"]") => ("a".."c"]
    range("[@\"2026-01-05\"..@\"2026-02-05\"]") => [@"2026-01-05"..@"2026-02-05"]
    range("[-2..-1]") => [-2..-1]
    range("[2..1]") => fault
    range("[1..x]") => fault
    range("1") => fault
    range(null) => null
    """
    case.check()


def test_before_and_after(case):
    """
    before(1, 2) => true
    before(1, [2..3]) => true
    before(2, (2..3]) => true
    before(2, [2..3]) => false
    before([1..2], 3) => true
    before([1..2), 2) => true
    before([1..2], [2..3]) => false
    before([1..2], (2..3]) => true
    after(3, [1..2]) => true
    after([3..4], [1..3)) => true
    before(1, "a") => fault
    before(null, 1) => null
    """
    case.check()


def test_touching_and_overlapping(case):
    """
    meets([1..2], [2..3]) => true
    meets([1..2), [2..3]) => false
    met by([2..3], [1..2]) => true
    overlaps([1..5], [3..8]) => true
    overlaps([1..5], (5..8]) => false
    overlaps before([1..5], [3..8]) => true
    overlaps before([3..8], [1..5]) => false
    overlaps before([1..5], [1..8]) => false
    overlaps before([1..5], (1..8]) => true
    overlaps after([3..8], [1..5]) => true
    overlaps after([1..5], [3..8]) => false
    """
    case.check()


def test_inside_of_each_other(case):
    """
    finishes(5, [1..5]) => true
    finishes(5, [1..5)) => false
    finishes([3..5], [1..5]) => true
    finishes((1..5], [1..5]) => true
    finished by([1..5], 5) => true
    includes([1..5], 1) => true
    includes((1..5], 1) => false
    includes([1..5], (1..5)) => true
    during((1..5), [1..5]) => true
    during([1..5], (1..5)) => false
    starts(1, [1..5]) => true
    starts([1..3], [1..5]) => true
    starts((1..3], [1..5]) => false
    started by([1..5], [1..3]) => true
    coincides(1, 1) => true
    coincides([1..2], [1..2]) => true
    coincides([1..2], [1..2)) => false
    before(point: 1, range: [2..3]) => true
    includes(range: [1..5], point: 2) => true
    """
    case.check()


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ("-", 1, True),
        ("5", 5, True),
        ("5, 6", 6, True),
        ("< 5", 4, True),
        ("[1..5), > 9", 10, True),
        ("not(5, 6)", 6, False),
        ("not(< 5)", 6, True),
        ('"a", "b"', "b", True),
        ('not("a")', "b", True),
        ("? > 3 and ? < 5", 4, True),
        ("? > 3", 3, False),
        ("limits", 4, True),
        ("limit * 2", 6, True),
        ("true", True, True),
        ("false", False, True),
        ("null", None, True),
        ("null", 1, False),
        ("< 5", None, None),
        ('contains(?, "x")', "axb", True),
        ('starts with(?, "x"), "q"', "q", True),
    ],
)
def test_cells_of_decision_tables(cell, value, expected, env):
    scope = evaluate("x", {"x": {"?": value, "limit": 3, "limits": [4, 5]}})
    assert compile(cell, unary=True).run(scope, env) is expected


def test_a_range_is_a_value(env: Env):
    assert compile("[1..x)").run(evaluate("x", {"x": {"x": 3}}), env) == Range(
        1, 3, low_included=True, high_included=False
    )
