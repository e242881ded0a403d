"""Decisions of DMN files, versions and modelers apart (DMN 1.5, chapters 7, 8 and 10)."""

from decimal import Decimal
from pathlib import Path

import pytest

from engine.feel import evaluate, to_json
from engine.tables.dmn import DmnError, evaluate_model

FOLDER = Path(__file__).parents[3] / "cases" / "tables" / "dmn"
RIDE = {"Kind": "speed", "Speed Limit": 100, "Actual Speed": 140}
NUMBERS = {"amounts": [1, 20, 300], "limit": 5}
NAMESPACES = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
]


def given(file, decision, **inputs):
    return evaluate_model(
        (FOLDER / file).read_bytes(), decision, {name.replace("_", " "): value for name, value in inputs.items()}
    )


def model(inside, namespace=NAMESPACES[-1]):
    return f'<definitions xmlns="{namespace}" name="m" namespace="urn:m">{inside}</definitions>'.encode()


def literal(text, type_ref="", extra=""):
    variable = f'<variable name="d" typeRef="{type_ref}"/>' if type_ref else '<variable name="d"/>'
    return f'<decision id="d" name="d">{variable}{extra}<literalExpression><text>{text}</text></literalExpression></decision>'


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_all_versions_are_read(namespace):
    assert evaluate_model(model(literal("1 + 2"), namespace), "d", {}) == 3


@pytest.mark.parametrize(
    ("inputs", "dish"),
    [
        ({"month": 1, "guestCount": 4}, "Stew"),
        ({"month": 12, "guestCount": 40}, "Soup"),
        ({"month": 7}, "Salad"),
        ({"month": 10}, None),
    ],
)
def test_decisions_that_go_by_the_names_of_their_outputs(inputs, dish):
    assert given("dish.dmn", "Course", **inputs) == dish
    assert given("dish.dmn", "course", **inputs) == dish


def test_required_decisions_functions_and_structures():
    assert given("fine.dmn", "Fine", Ride=RIDE) == {"Amount": Decimal(1400), "Points": Decimal(7)}
    assert given("fine.dmn", "Should the driver stop?", Ride=RIDE, Points_So_Far=15) == "Yes"
    assert given("fine.dmn", "Should the driver stop?", Ride=RIDE, Points_So_Far=1) == "No"


def test_an_input_outside_its_type_is_null():
    assert given("fine.dmn", "Fine", Ride={**RIDE, "Kind": "hurry"}) is None


@pytest.mark.parametrize(
    ("decision", "gives"),
    [
        ("over limit", "[20, 300]"),
        ("doubled", "[2, 40, 600]"),
        ("any over", "true"),
        ("all over", "false"),
        ("verdict", '"look"'),
        ("price list", '[{item name: "bolt", price: 0.3}, {item name: "nut", price: 2}]'),
        ("names", '[["bolt"], 2]'),
        ("permutations", "120"),
        ("grades", '["low", "middle", "high"]'),
        ("twice", "7.2"),
        ("wrong type", "null"),
        ("total", "642"),
        ("total of", "642"),
        ("uses service", "14"),
    ],
)
def test_every_box_has_its_value(decision, gives):
    assert to_json(given("boxes.dmn", decision, **NUMBERS)) == to_json(evaluate(gives))


@pytest.mark.parametrize(
    ("text", "type_ref", "gives"),
    [
        ("[1]", "number", "1"),
        ('date("2026-01-02")', "date and time", 'date and time("2026-01-02T00:00:00Z")'),
        ('"1"', "number", "null"),
        ("1", "feel:number", "1"),
    ],
)
def test_results_are_made_to_fit_their_type(text, type_ref, gives):
    assert to_json(evaluate_model(model(literal(text.replace('"', "&quot;"), type_ref)), "d", {})) == to_json(
        evaluate(gives)
    )


def test_what_is_declared_must_be_required_to_be_seen():
    data = '<inputData id="x" name="x"><variable name="x"/></inputData>'
    needs = '<informationRequirement><requiredInput href="#x"/></informationRequirement>'
    assert evaluate_model(model(data + literal("x")), "d", {"x": 1}) is None
    assert evaluate_model(model(data + literal("x", extra=needs)), "d", {"x": 1}) == 1


def test_a_decision_that_requires_itself_is_null():
    itself = '<informationRequirement><requiredDecision href="#d"/></informationRequirement>'
    assert evaluate_model(model(literal("1", extra=itself)), "d", {}) == 1
    assert evaluate_model(model(literal("d", extra=itself)), "d", {}) is None


@pytest.mark.parametrize("text", ["1 +", "unknown(1)", "", "for i in 1..10000000 return i"])
def test_what_fails_is_null(text):
    assert evaluate_model(model(literal(text)), "d", {}) is None


def test_another_language_is_not_run():
    other = '<decision id="d" name="d"><literalExpression expressionLanguage="groovy"><text>1</text></literalExpression></decision>'
    assert evaluate_model(model(other), "d", {}) is None


def test_an_unknown_decision_is_named():
    with pytest.raises(DmnError, match="did you mean `Course`"):
        given("dish.dmn", "Coarse")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no XML"),
        (b"<a/>", "no DMN"),
        (b"<definitions/>", "no namespace"),
        (
            b'<!DOCTYPE d [<!ENTITY a "b">]><definitions xmlns="%s">&a;</definitions>' % NAMESPACES[0].encode(),
            "document type",
        ),
        (b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><definitions/>', "document type"),
        (b"<definitions>" + b"<a>" * 300, "too deeply"),
        (
            model("<decision/>").replace(b"<definitions", b'<?xml version="1.0" encoding="none-such"?><definitions'),
            "encoding",
        ),
    ],
)
def test_what_is_no_model_is_refused(content, message):
    with pytest.raises(DmnError, match=message):
        evaluate_model(content, "d", {})
