from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

import msgspec
import pytest

from engine.source import Expression, Place, convert, parse_yaml
from engine.source.kinds import Duration, Name


class Part(msgspec.Struct, frozen=True, kw_only=True, rename={"for_": "for"}):
    short_form: ClassVar[str] = "kind"
    key_field: ClassVar[str] = "name"

    name: str = ""
    kind: Literal["big", "small"] | None = None
    for_: Duration = "P1D"
    when: Expression | None = None
    place: Place = Place("")


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    format: Literal[1] = 1
    id: Name
    count: int = 0
    ratio: Decimal | None = None
    on: bool = False
    words: tuple[str, ...] = ()
    parts: dict[Name, Part] = {}
    inputs: dict[str, Expression | list[Expression] | dict[str, Expression]] = {}
    anything: Any = None


class Open(msgspec.Struct, frozen=True, kw_only=True):
    rest_field: ClassVar[str] = "options"

    kind: str
    options: dict[str, Any] = {}


def read(text, kind=Whole):
    return convert(parse_yaml(text, "a.yaml"), kind)


def faults(text, kind=Whole):
    return [f"{each.place.line}:{each.place.column} {each.code}: {each.message}" for each in read(text, kind)[1]]


def test_a_file_becomes_a_struct():
    whole, problems = read(
        "format: 1\nid: a\ncount: 3\nratio: 0.10\non: true\nwords: [x, 1.50]\nanything: {b: [1, x, null]}\n"
        "parts:\n  one: big\n  two: {kind: small, for: PT1H, when: x > 1}\n"
    )
    assert problems == []
    assert (whole.count, whole.ratio, whole.on, whole.words) == (3, Decimal("0.10"), True, ("x", "1.50"))
    assert whole.anything == {"b": [1, "x", None]}
    assert whole.parts["one"] == Part(name="one", kind="big", place=Place("a.yaml", 9, 8))
    assert (whole.parts["two"].for_, whole.parts["two"].when.text) == ("PT1H", "x > 1")


def test_an_input_is_feel_a_list_or_keys():
    whole, problems = read("format: 1\nid: a\ninputs:\n  a: x\n  b: [y, z]\n  c: {d: w}\n")
    assert problems == []
    assert whole.inputs["a"].text == "x"
    assert [each.text for each in whole.inputs["b"]] == ["y", "z"]
    assert whole.inputs["c"]["d"].text == "w"


def test_one_word_may_stand_for_a_list_of_one():
    assert read("format: 1\nid: a\nwords: x\n")[0].words == ("x",)


def test_all_faults_are_found_at_once():
    assert faults("format: 1\nidd: a\ncount: many\non: 1\nparts:\n  one: huge\n  two: {for: 3 days, wen: x}\n") == [
        "2:1 unknown-key: `idd` is no key of a whole; did you mean `id`?",
        "3:8 wrong-type: expected a whole number, found `many`",
        "4:5 wrong-type: expected true or false, found `1`",
        "6:8 wrong-type: expected one of big, small, found `huge`",
        "7:14 wrong-type: expected an ISO 8601 duration such as P7D, PT2H30M, found `3 days`",
        "7:22 unknown-key: `wen` is no key of a part; did you mean `when`?",
        "1:1 missing-key: a whole needs the key `id`",
    ]


def test_what_is_sound_is_kept_beside_what_is_faulty():
    whole, problems = read("format: 1\nid: a\ncount: many\nparts:\n  one: {for: 3 days}\n  two: small\n")
    assert len(problems) == 2
    assert list(whole.parts) == ["one", "two"]
    assert (whole.count, whole.parts["one"].for_) == (0, "P1D")


def test_without_a_required_key_there_is_no_struct():
    assert read("format: 1\n")[0] is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id: a\n", "the format version is missing"),
        ("format: 2\nid: a\n", "expected 1, found `2`"),
        ("format: one\nid: a\n", "expected 1, found `one`"),
    ],
)
def test_the_format_version_is_asked_for(text, message):
    assert message in faults(text)[0]


def test_a_list_where_feel_belongs_is_told_how_to_write_it():
    (problem,) = read("format: 1\nid: a\nparts:\n  p:\n    when: [1..5]\n")[1]
    assert problem.hint == "in YAML this is a list; write the FEEL in quotes: '[1..5]'"


def test_an_open_struct_keeps_what_it_does_not_know():
    value, problems = read("kind: x\nurl: y\nmore: [1]\n", Open)
    assert problems == []
    assert value.options == {"kind": "x", "url": "y", "more": [1]}


@pytest.mark.parametrize("text", ["P1D", "PT0S", "P1Y6M", "P2W", "P1DT2H30M", "PT1.5S"])
def test_durations(text):
    assert read(f"format: 1\nid: a\nparts: {{p: {{for: {text}}}}}\n")[1] == []


@pytest.mark.parametrize("text", ["P", "PT", "1D", "P1H", "P1DT", "-P1D", "P1M2D"])
def test_no_durations(text):
    assert len(read(f"format: 1\nid: a\nparts: {{p: {{for: {text}}}}}\n")[1]) == 1


def test_a_name_has_no_spaces():
    assert "expected a name" in faults("format: 1\nid: a b\n")[0]


class Bounded(msgspec.Struct, frozen=True, kw_only=True):
    format: Literal[1] = 1
    count: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    share: Annotated[float, msgspec.Meta(gt=0, lt=1)] | None = None
    at: Annotated[str, msgspec.Meta(pattern="^[0-9]{2}:[0-9]{2}$")] = "08:00"


@pytest.mark.parametrize("text", ["count: 1", "count: 9", "share: 0.5", 'at: "23:59"'])
def test_what_is_within_the_limits_of_a_key_fits(text):
    assert convert(parse_yaml(f"format: 1\n{text}\n", "a.yaml"), Bounded)[1] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count: 0", "a whole number of at least 1 and of at most 9"),
        ("count: 10", "a whole number of at least 1 and of at most 9"),
        ("share: 0", "a number above 0 and below 1"),
        ("share: 1.0", "a number above 0 and below 1"),
        ("at: soon", "text that matches ^[0-9]{2}:[0-9]{2}$"),
    ],
)
def test_what_is_beyond_them_is_told_with_them(text, expected):
    [problem] = convert(parse_yaml(f"format: 1\n{text}\n", "a.yaml"), Bounded)[1]
    assert (problem.code, problem.message.partition(",")[0]) == ("wrong-type", f"expected {expected}")
