"""Gaps, overlaps and rows that are never reached."""

from engine.feel import YearsMonths
from engine.tables.analyse import analyse
from engine.tables.samples import shown
from tests.engine.tables.given import env, rows, table


def examples(analysis):
    return [{name: shown(value) for name, value in gap} for gap in analysis.gaps]


def test_bands_that_meet_have_neither_gap_nor_overlap():
    found = analyse(rows("U", "[n]", "< 0 -> 1", "[0..10) -> 2", ">= 10 -> 3"))
    assert found.complete is True
    assert found.disjoint is True


def test_a_gap_between_bands_is_shown_by_an_example():
    assert examples(analyse(rows("U", "[n]", "< 0 -> 1", "> 0 -> 2"))) == [{"n": "0"}]
    assert examples(analyse(rows("U", "[n]", "<= 1 -> 1", ">= 2 -> 2"))) == [{"n": "1.5"}]


def test_no_day_lies_between_one_day_and_the_next():
    bands = ('< date("2026-03-01") -> 1', '>= date("2026-03-02") -> 2', '[date("2026-03-01")..date("2026-03-02")) -> 3')
    assert analyse(rows("U", "[day]", *bands)).complete is True
    assert examples(analyse(rows("U", "[day]", *bands[:2]))) == [{"day": '@"2026-03-01"'}]


def test_texts_have_a_gap_for_every_word_that_is_not_named():
    assert examples(analyse(rows("U", "[word]", '"a","b" -> 1'))) == [{"word": '"other"'}]
    assert analyse(rows("U", "[word]", '"a" -> 1', 'not("a") -> 2')).complete is True
    assert analyse(rows("U", "[word]", '< "m" -> 1', '>= "m" -> 2')).complete is True


def test_both_truth_values_are_everything():
    assert analyse(rows("U", "[yes]", "true -> 1", "false -> 2")).complete is True
    assert examples(analyse(rows("U", "[yes]", "true -> 1"))) == [{"yes": "false"}]


def test_declared_values_make_a_table_complete():
    closed = "[{expression: word, values: ['\"a\", \"b\"']}, {expression: n, values: '[0..100]'}]"
    assert analyse(rows("U", closed, '"a" | - -> 1', '"b" | < 50 -> 2', '"b" | >= 50 -> 3')).complete is True
    assert examples(analyse(rows("U", closed, '"a" | - -> 1', '"b" | < 50 -> 2'))) == [{"word": '"b"', "n": "50"}]


def test_durations_are_ordered_too():
    found = analyse(rows("U", "[age]", '< duration("P1Y") -> 1', '> duration("P1Y") -> 2'))
    assert [value for gap in found.gaps for _, value in gap] == [YearsMonths(12)]


def test_a_gap_of_several_inputs_names_them_all():
    found = analyse(rows("U", "[a, b, c]", "< 1 | - | true -> 1", ">= 1 | < 5 | - -> 2", "< 1 | - | false -> 3"))
    assert examples(found) == [{"a": "1", "b": "5", "c": "false"}]


def test_null_counts_where_a_cell_speaks_of_it():
    assert analyse(rows("U", "[n]", "< 1 -> 1", ">= 1 -> 2")).complete is True
    assert examples(analyse(rows("U", "[n, m]", "null | < 1 -> 1", "not(null) | - -> 2"))) == [{"n": "null", "m": "1"}]


def test_an_overlap_names_both_rows_and_an_example():
    overlap = analyse(rows("U", "[n, word]", '< 10 | "a" -> 1', "> 5 | - -> 2")).overlaps[0]
    assert overlap.rows == (0, 1)
    assert {name: shown(value) for name, value in overlap.example} == {"n": "6", "word": '"a"'}
    assert overlap.differ is True


def test_rows_with_the_same_output_may_overlap_under_any():
    assert analyse(rows("A", "[n]", "< 10 -> 1", "> 5 -> 1.0")).overlaps[0].differ is False
    assert analyse(rows("A", "[n]", "< 10 -> 1", "> 5 -> n")).overlaps[0].differ is None


def test_rows_that_earlier_ones_cover_together_are_never_reached():
    found = analyse(rows("F", "[n, m]", "< 10 | - -> 1", "- | < 10 -> 2", "> 0 | [1..5] -> 3", "- | - -> 4"))
    assert found.unreachable == (2,)


def test_rows_below_more_important_ones_are_never_reached_under_priority():
    outputs = "[{name: out, values: ['\"a\"', '\"b\"']}]"
    found = analyse(rows("P", "[n]", '> 5 -> "b"', '> 0 -> "a"', '- -> "b"', outputs=outputs))
    assert found.unreachable == (0,)


def test_a_row_whose_range_is_empty_matches_nothing():
    assert analyse(rows("U", "[n]", "[5..1] -> 1", "- -> 2")).impossible == (0,)


def test_two_columns_of_one_expression_are_one_input():
    found = analyse(
        rows(
            "U",
            "[{expression: n}, {expression: n, label: again}]",
            ">= 0 | < 10 -> 1",
            "< 0 | - -> 2",
            "- | >= 10 -> 3",
        )
    )
    assert found.complete is True
    assert found.disjoint is True


def test_computed_cells_are_said_to_be_unknown():
    found = analyse(rows("U", "[n]", "even(?) -> 1", "odd(?) -> 2"))
    assert found.opaque == (0, 1)
    assert found.complete is None
    assert found.disjoint is None
    assert not found.gaps
    assert analyse(rows("U", "[n]", "even(?) -> 1", "< 0 -> 2", ">= 0 -> 3")).complete is True


def test_analysis_gives_up_in_bounded_time_and_says_so():
    lines = [
        " | ".join(f"[{(row * 7 + column) % 50}..{(row * 7 + column) % 50 + 30}]" for column in range(12)) + " -> 1"
        for row in range(60)
    ]
    found = analyse(rows("C", str(list("abcdefghijkl")), *lines))
    assert found.exhausted or found.gaps


def test_the_example_of_a_gap_matches_no_row():
    compiled = table('inputs: [word, n]\noutputs: [{name: o}]\nrows:\n  - {when: [\'"a"\', "< 1"], then: [1]}\n')
    for gap in analyse(compiled).gaps:
        assert compiled.evaluate(dict(gap), env()) is None
