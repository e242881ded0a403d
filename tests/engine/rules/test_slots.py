import pytest

from engine.rules import parts
from engine.source import Expression, Place


def split(text):
    found, problems = parts(Expression(text, Place("a.yaml", 1, 1)))
    return [part if isinstance(part, str) else (part.text, part.place.column) for part in found], [
        p.place.column for p in problems
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Paid {recent} days late, {usual} before.",
            ["Paid ", ("recent", 7), " days late, ", ("usual", 27), " before."],
        ),
        ("{a}{b}", [("a", 2), ("b", 5)]),
        ("no braces", ["no braces"]),
        ("", []),
        ("{{literal}} {x}", ["{literal} ", ("x", 14)]),
        ('{if a = "}" then {b: 1}.b else 2}!', [('if a = "}" then {b: 1}.b else 2', 2), "!"]),
        ('{"a \\" } b"}', [('"a \\" } b"', 2)]),
    ],
)
def test_text_and_feel_are_told_apart(text, expected):
    assert split(text) == (expected, [])


@pytest.mark.parametrize(
    ("text", "columns"), [("a {b", [3]), ("a } b", [3]), ("a { } b", [3, 5]), ("{} {x} }", [1, 2, 8])]
)
def test_stray_braces_are_reported(text, columns):
    assert split(text)[1] == columns
