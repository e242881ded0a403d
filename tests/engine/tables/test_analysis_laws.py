"""What the analysis says holds for whatever values come: properties over random tables."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.tables.analyse import analyse
from tests.engine.tables.given import env, rows

NUMBERS = [str(number) for number in (-1, 0, "0.5", 1, 2)]
WORDS = ['""', '"a"', '"ab"', '"b"']
DAYS = [f'date("2026-03-0{day}")' for day in (1, 2, 4)]


def cells(ends):
    end = st.sampled_from(ends)
    half = st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">=", "="]), end)
    whole = st.builds("{}{}..{}{}".format, st.sampled_from("[("), end, end, st.sampled_from("])"))
    some = st.one_of(end, half, whole)
    return st.one_of(st.just("-"), some, st.builds("{},{}".format, end, some), st.builds("not({})".format, some))


NUMBER_VALUES = st.sampled_from(
    [Decimal(each) for each in ("-2", "-1", "-0.5", "0", "0.3", "0.5", "0.7", "1", "1.5", "2", "3")]
)
WORD_VALUES = st.sampled_from(["", "A", "a", "aa", "ab", "abc", "b", "c"])
DAY_VALUES = st.integers(-2, 6).map(lambda days: date(2026, 3, 1) + timedelta(days=days))
LINES = st.lists(
    st.builds(
        "{} | {} | {} | {} -> {}".format,
        cells(NUMBERS),
        cells(WORDS),
        cells(DAYS),
        st.sampled_from(["-", "true", "false"]),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=9,
)
POINTS = st.tuples(NUMBER_VALUES, WORD_VALUES, DAY_VALUES, st.booleans())
INPUTS = "[{expression: n, type: number}, {expression: w, type: string}, {expression: d, type: date}, {expression: b, type: boolean}]"


def matching(compiled, values):
    return compiled.evaluate(dict(zip(("n", "w", "d", "b"), values, strict=True)), env()) or []


@settings(max_examples=60)
@given(LINES, st.lists(POINTS, min_size=20, max_size=20))
def test_complete_means_that_some_row_always_matches(lines, points):
    compiled = rows("C", INPUTS, *lines)
    found = analyse(compiled)
    assert found.complete is not None
    assert found.complete is not bool(found.gaps)
    if found.complete:
        assert all(matching(compiled, values) for values in points)
    for gap in found.gaps:
        values = {"n": Decimal(0), "w": "a", "d": date(2026, 3, 1), "b": True} | dict(gap)
        assert compiled.evaluate(values, env()) is None


@settings(max_examples=60)
@given(LINES, st.lists(POINTS, min_size=20, max_size=20))
def test_disjoint_means_that_two_rows_never_match(lines, points):
    compiled = rows("C", INPUTS, *lines)
    found = analyse(compiled)
    if found.disjoint:
        assert all(len(matching(compiled, values)) < 2 for values in points)
    for overlap in found.overlaps:
        values = {"n": Decimal(0), "w": "a", "d": date(2026, 3, 1), "b": True} | dict(overlap.example)
        assert len(compiled.evaluate(values, env())) >= 2


@settings(max_examples=40)
@given(LINES, st.lists(POINTS, min_size=20, max_size=20))
def test_an_unreachable_row_never_decides(lines, points):
    numbered = [f"{line.rpartition('->')[0]}-> {number}" for number, line in enumerate(lines)]
    compiled = rows("F", INPUTS, *numbered)
    never = {*analyse(compiled).unreachable, *analyse(compiled).impossible}
    for values in points:
        decided = compiled.evaluate(dict(zip(("n", "w", "d", "b"), values, strict=True)), env())
        assert decided is None or int(decided) not in never


@settings(max_examples=40)
@given(st.lists(LINES, min_size=3, max_size=5), POINTS)
def test_the_index_of_a_large_table_leaves_nothing_out(blocks, values):
    lines = [line for block in blocks for line in block]
    numbered = [f"{line.rpartition('->')[0]}-> {number}" for number, line in enumerate(lines)]
    whole = rows("R", INPUTS, *numbered)
    alone = [number for number, line in enumerate(numbered) if matching(rows("R", INPUTS, line), values)]
    assert [int(number) for number in matching(whole, values)] == alone
