"""A fault inside FEEL text is pointed at where it stands in the file, however YAML writes the text."""

import msgspec
import pytest

from engine.source import Expression, Place, convert, parse_yaml


class Sample(msgspec.Struct, frozen=True):
    when: Expression


def read(text):
    sample, problems = convert(parse_yaml(text, "a.yaml"), Sample)
    assert problems == []
    return sample.when


FORMS = {
    "plain": "when: a and XX\n",
    "single": "when: 'it''s and XX'\n",
    "double": 'when: "a \\"b\\" \\u0041 and XX"\n',
    "literal": "when: |\n  a\n    and XX\n",
    "literal with an indicator": "when: |2-\n    a\n  and XX\n",
    "folded": "when: >-\n  a\n  and\n\n  XX\n",
    "plain over lines": "when: a\n  and\n  XX\n",
    "single over lines": "when: 'a\n  and XX'\n",
    "double over lines": 'when: "a\n  and \\\n  XX"\n',
    "in a list of a mapping": "when: {a: 1}\n",
}


@pytest.mark.parametrize("text", [text for text in FORMS.values() if "XX" in text], ids=repr)
def test_a_place_in_the_text_is_found_in_the_file(text):
    expression = read(text)
    before = expression.text[: expression.text.index("XX")]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    lines = text.split("\n")
    expected = next((n, each.index("XX") + 1) for n, each in enumerate(lines, 1) if "XX" in each)
    place = expression.at(line, column)
    assert (place.line, place.column) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("when: true\n", "true"), ("when: 1.50\n", "1.50"), ("when: null\n", "null")]
)
def test_numbers_and_truth_values_are_feel_as_written(text, expected):
    assert read(text).text == expected


def test_a_part_keeps_its_place():
    whole = read("when: |\n  Paid {recent} days\n  late {usual}\n")
    start = whole.text.index("usual")
    part = whole.part(start, start + 5)
    assert (part.text, part.place) == ("usual", Place("a.yaml", 3, 9))


def test_a_part_over_lines_follows_them():
    whole = read("when: |\n  a {b\n    c} d\n")
    part = whole.part(whole.text.index("b"), whole.text.index("}"))
    assert part.at(2, 3) == Place("a.yaml", 3, 5)
