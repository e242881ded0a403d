"""A model carried over into a home decides as the file does."""

import pytest

from engine.feel import Env, compile, parse, to_json
from engine.feel.types import ANY
from engine.model.structs import Model
from engine.source import convert, parse_yaml
from engine.tables import Table
from engine.tables.dmn import carry, read_dmn, report
from engine.tables.library import library
from tests.engine.tables.dmn.test_evaluate import FOLDER, NUMBERS, RIDE, given, literal, model
from tests.engine.tables.given import NOW


def home_of(carried):
    tables = {}
    for file, text in carried.files().items():
        tables[file], problems = convert(parse_yaml(text.encode(), file), Table)
        assert not problems
    return library(tables, Model(entities={}), {})


def decided(carried, call, inputs):
    functions = home_of(carried).functions
    node = parse(call, names={*functions, *inputs})
    program = compile(node, dict.fromkeys(inputs, ANY), functions=functions)
    return program.run(inputs, Env(NOW))


def plain(value):
    if isinstance(value, dict):
        return {name.replace(" ", "_"): plain(part) for name, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("file", "decision", "inputs"),
    [
        ("dish.dmn", "Course", {"month": 1, "guestCount": 4}),
        ("dish.dmn", "Course", {"month": 4, "guestCount": 40}),
        ("fine.dmn", "Fine", {"Ride": RIDE}),
        ("fine.dmn", "Should the driver stop?", {"Ride": RIDE, "Points So Far": 15}),
        *(
            ("boxes.dmn", name, NUMBERS)
            for name in ("over limit", "doubled", "verdict", "names", "grades", "twice", "total")
        ),
    ],
)
def test_the_call_of_a_decision_gives_what_the_file_gives(file, decision, inputs):
    from engine.feel import to_value

    carried = carry(read_dmn((FOLDER / file).read_bytes()))
    name = carried.renamed.get(decision, decision)
    values = {key: to_value(value) for key, value in plain(inputs).items()}
    expected = given(file, decision, **{key.replace(" ", "_"): value for key, value in inputs.items()})
    assert to_json(decided(carried, carried.calls[name], values)) == to_json(plain(expected))


def test_a_required_decision_becomes_a_call():
    carried = carry(read_dmn((FOLDER / "dish.dmn").read_bytes()))
    assert carried.calls["Course"] == "Course(Season_of_year(month), guestCount)"
    assert carried.tables["Course"].inputs[0].label == "season"


def test_types_become_feel_types_and_values_are_kept():
    carried = carry(read_dmn((FOLDER / "boxes.dmn").read_bytes()))
    assert carried.tables["grade"].outputs[0].values[0].text == '"high","middle","low"'
    assert carried.tables["doubled"].inputs[0].type.text == "list<number>"


def test_what_has_no_form_here_is_told_and_nothing_that_needs_it_is_made():
    carried = carry(read_dmn((FOLDER / "boxes.dmn").read_bytes()))
    told = "\n".join(carried.left_out)
    for name in ("factorial", "permutations", "total of", "uses_service"):
        assert name in told
    assert not {"factorial", "permutations", "uses_service"} & set(carried.tables)
    assert all(each in report(carried, "boxes.dmn") for each in carried.left_out)


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ('<decision id="d" name="d"><variable name="d"/></decision>', "no logic"),
        (literal("1 +"), "no FEEL"),
        ('<import namespace="urn:other" importType="x" name="other"/>', "import"),
        ('<knowledgeSource id="k" name="The law"/>', "The law"),
        (
            literal("x", extra='<informationRequirement><requiredDecision href="other#y"/></informationRequirement>'),
            "not in this file",
        ),
    ],
)
def test_nothing_is_dropped_in_silence(inside, message):
    assert message in "\n".join(carry(read_dmn(model(inside))).left_out)
