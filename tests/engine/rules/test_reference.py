import ast
import json
import os
import re
from pathlib import Path

import jsonschema
import msgspec
import pytest

from engine.rules.codes import CODES, page_of, problems_page
from engine.rules.files import BESIDE, KINDS
from engine.rules.keyexamples import EXAMPLES, example_of
from engine.rules.reference import modeline, pages, schema_files, schemas
from engine.source import Folder, convert, parse_yaml, plain
from engine.source.describe import meanings, structs_below
from engine.source.shapes import shape_of, written

ROOT = Path(__file__).parents[3]
GOOD = ROOT / "tests" / "cases" / "config" / "good"

CODE = re.compile(r"[a-z]+(-[a-z0-9]+)+")
NO_CODES = {"utf-8", "latin-1", "e-mail"}


def data(text):
    return json.loads(json.dumps(plain(parse_yaml(text, "a.yaml").root), default=float))


@pytest.mark.parametrize("file", pages())
def test_generated_pages_are_current(file):
    expected = pages()[file]
    if os.environ.get("OPSLAYER_ACCEPT_REPORTS"):
        (ROOT / file).write_text(expected, encoding="utf-8")
    assert (ROOT / file).read_text(encoding="utf-8") == expected, "run this test with OPSLAYER_ACCEPT_REPORTS=1"


def test_every_code_is_explained():
    sources = [
        path
        for folder in ("source", "model", "mapping", "tables", "rules")
        for path in (ROOT / "engine" / folder).glob("*.py")
    ]
    used = {
        node.value
        for path in sources
        if path.name not in {"codes.py", "workcodes.py", "keyexamples.py"}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)
    }
    built = {
        "unknown-source",
        "unknown-stream",
        "unknown-person",
        "unknown-ruleset",
        "unknown-policy",
        "unknown-provider",
        "join-in-time",
        "no-join-key",
        "no-rates",
        "time-not-analysable",
        "never-fires",
        "always-fires",
        "conflicting-conclusions",
        "always-replaced",
        "absence-unconfirmed",
        "duplicate-condition",
        "feel",
        "daily",
        "recomputed",
        "loop",
        "bad-setting",
        "unfit-value",
    }
    assert used - NO_CODES | built | {"loop"} == set(CODES)
    assert page_of("wrong-type") == "docs/reference/problems.md#wrong-type"
    assert page_of("other") == ""


def test_every_problem_that_anything_tells_is_explained_on_the_page():
    told = {
        (node.args[0].value, path.relative_to(ROOT).as_posix())
        for folder in ("engine", "connectors", "approvals", "evals", "api")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem"
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert {each for each in told if not page_of(each[0])} == set(), "explain it in engine/rules/workcodes.py"
    page = problems_page()
    assert all(f"\n## {code}\n" in page for code, _ in told)


STRUCTS = {shape.cls: shape for kind in KINDS for shape in structs_below(shape_of(kind.struct))}
KEYS = [
    pytest.param(cls, field, id=f"{cls.__name__}.{field.encode_name}")
    for cls, shape in STRUCTS.items()
    for field in written(shape)
]


@pytest.mark.parametrize(("cls", "field"), KEYS)
def test_every_key_has_an_example_that_it_takes(cls, field):
    text = example_of(cls.__name__, field)
    assert text
    hints = {each.name: each.type for each in msgspec.structs.fields(cls)}
    alone = msgspec.defstruct("Alone", [(field.name, hints[field.name])], rename={field.name: field.encode_name})
    _, problems = convert(parse_yaml(f"{field.encode_name}: {text}\n", "a.yaml"), alone)
    assert [str(each) for each in problems if each.code != "missing-format"] == []


def test_no_example_is_of_a_key_that_is_gone():
    assert set(EXAMPLES) <= {each.id for each in KEYS}


def test_every_key_says_what_it_means():
    silent = [
        f"{shape.cls.__name__}.{field.name}"
        for kind in KINDS
        for shape in structs_below(shape_of(kind.struct))
        for field in written(shape)
        if field.name not in meanings(shape.cls)
    ]
    assert silent == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_schemas_are_valid_and_accept_what_the_loader_accepts(kind):
    schema = schemas()[f"{kind.name}.json"]
    jsonschema.Draft7Validator.check_schema(schema)
    for file in Folder(GOOD).glob(kind.pattern) if kind.is_yaml else ():
        text = (GOOD / file).read_text(encoding="utf-8")
        assert list(jsonschema.Draft7Validator(schema).iter_errors(data(text))) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ruleset", "format: 1\nrules: [{id: a, for: b, when: c, wen: d}]\n"),
        ("ruleset", "format: 1\nrules: [{id: a, for: b}]\n"),
        ("ruleset", "format: 1\nrules: [{id: a, for: b, when: true, existing: perhaps}]\n"),
        ("ruleset", "rules: []\n"),
        ("model", "format: 1\nentities: {a: {fields: {b: txt}}}\n"),
        ("app", "format: 1\ncompany: A\nlanguage: english please\n"),
    ],
)
def test_schemas_refuse_what_the_loader_refuses(name, text):
    assert list(jsonschema.Draft7Validator(schemas()[f"{name}.json"]).iter_errors(data(text)))


def test_each_file_names_its_schema_in_the_first_line():
    assert modeline("rules/collections/ruleset.yaml") == (
        "# yaml-language-server: $schema=../../config/schemas/ruleset.json"
    )
    assert modeline("config/app.yaml") == "# yaml-language-server: $schema=../config/schemas/app.json"
    assert modeline("rules/collections/prompts/first.md") == ""
    assert sorted(schema_files()) == sorted(f"config/schemas/{kind.name}.json" for kind in (*KINDS, *BESIDE))
