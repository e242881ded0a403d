import pytest

from engine.source import Place, parse_yaml, plain
from engine.source.nodes import scalars
from engine.source.parsing import MAX_FAULTS


def codes(text):
    return [problem.code for problem in parse_yaml(text, "a.yaml").problems]


def value(text):
    document = parse_yaml(text, "a.yaml")
    assert document.problems == ()
    return plain(document.root)


def test_every_key_and_value_has_its_place():
    document = parse_yaml("a: 1\nb:\n  - x\n  - {c: y}\n", "a.yaml")
    found = {(each.text, each.place.line, each.place.column) for each in scalars(document.root)}
    assert found == {("a", 1, 1), ("1", 1, 4), ("b", 2, 1), ("x", 3, 5), ("c", 4, 6), ("y", 4, 9)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("012", 12),
        ("0o14", "0o14"),
        ("1_000", "1_000"),
        ("2026-01-31", "2026-01-31"),
        ("12:30:00", "12:30:00"),
        ("'true'", "true"),
    ],
)
def test_plain_words_are_read_by_the_core_schema_of_yaml_1_2(text, expected):
    assert value(f"a: {text}\n") == {"a": expected}


def test_numbers_stay_exact():
    assert str(value("a: 0.10\n")["a"]) == "0.10"


def test_windows_line_ends_are_read_like_others():
    assert value("a: |\r\n  x\r\n  y\r\nb: 1\r\n") == {"a": "x\ny\n", "b": 1}


def test_a_multi_byte_text_keeps_columns_in_characters():
    problem = parse_yaml('a: "Ayşe 😀" b: 1\n', "a.yaml").problems[0]
    assert problem.place == Place("a.yaml", 1, 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\na: 2\n", ["duplicate-key"]),
        ("a: &x 1\n", ["yaml-anchor"]),
        ("a: *x\n", ["yaml-alias"]),
        ("a: !!python/object:os.system x\n", ["yaml-tag"]),
        ("a:\n\tb: 1\n", ["yaml-tab"]),
        ("", ["empty-file"]),
        ("a: 1\n---\nb: 1\n", ["several-documents"]),
        ("? [a, b]\n: c\n", ["complex-key"]),
        ("<<<<<<< HEAD\na: 1\n", ["merge-conflict"]),
        ('when: "a" = b\n', ["quoted-start"]),
        ("x: {y: max(a, b)}\n", ["flow-accident"]),
        ("x: @a\ny: > 1\nz: 'b\n", ["reserved-character", "block-mark", "open-quote"]),
    ],
)
def test_what_is_refused(text, expected):
    assert codes(text) == expected


def test_an_alias_bomb_is_refused_before_anything_is_expanded():
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    assert set(codes(bomb)) == {"yaml-anchor", "yaml-alias"}


def test_nesting_is_limited():
    assert codes("[" * 5000) == ["yaml-syntax"]


def test_reading_goes_on_after_an_accident():
    document = parse_yaml('when: "a" = b\nthen: {x: f(a, b)}\nid: @x\n', "a.yaml")
    assert [problem.place.line for problem in document.problems] == [1, 2, 3]


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (b"\xef\xbb\xbfa: 1\n", "byte-order-mark", "a.yaml:1:1"),
        ("a: 1\n".encode("utf-16"), "byte-order-mark", "a.yaml:1:1"),
        ("a: 1\nb: Müller\n".encode("latin-1"), "not-utf-8", "a.yaml:2:5"),
        (b"a: \x00\n", "yaml-syntax", "a.yaml:1:4"),
    ],
)
def test_bytes_that_are_no_utf_8_text(content, code, place):
    (problem,) = parse_yaml(content, "a.yaml").problems
    assert (problem.code, str(problem.place)) == (code, place)


def test_the_excerpt_of_a_long_line_is_cut_around_the_place():
    (problem,) = parse_yaml("a: " + "x" * 500 + ": y\n", "a.yaml").problems
    line, carets = problem.excerpt.split("\n")
    assert len(line) < 130
    assert line[carets.index("^")] == ":"


@pytest.mark.parametrize("line", ["a: 1\n", "<<: 1\n", "k: &a 1\n", "k: !tag 1\n", "? [a]\n: 1\n"])
def test_faults_without_end_are_told_up_to_a_number(line):
    problems = parse_yaml(line * 3000, "config/x.yaml").problems
    assert 1 <= len(problems) <= 2 * MAX_FAULTS
