"""feel: over a context, over an entity, and as a prompt."""

import sys
from io import StringIO

import pytest

from api.cli.prompt import is_open


def test_type_and_reads_are_told_beside_the_value(call):
    told = call("feel", "sum(a.b) + c", "--context", "{a: {b: [1, 2]}, c: 3}")
    assert told.out == "6\n"
    assert told.err.splitlines() == ["type: number", "reads: a, a.b, c"]


def test_a_context_may_stand_in_a_file(call, tmp_path):
    (tmp_path / "c.yaml").write_text("late days: 3\nlist: [1.1, 2.2]\n")
    assert call("feel", "late days + sum(list)", "--context", str(tmp_path / "c.yaml")).out == "6.3\n"
    (tmp_path / "c.json").write_text('{"a": [1, 2]}')
    assert call("feel", "a[2]", "--context", str(tmp_path / "c.json")).out == "2\n"
    assert call("feel", "1", "--context", str(tmp_path / "none.json")).code == 2


def test_a_null_says_why(call):
    told = call("feel", 'number("x")')
    assert (told.code, told.out) == (0, "null\n")
    assert told.err.startswith("fault: ")


def test_an_entity_of_the_live_model_is_read(call):
    call("sync")
    told = call("feel", "name", "--entity", "customer:C1")
    assert told.out == '"Bolt and Sons"\n'
    assert "reads: name" in told.err
    assert call("--json", "feel", "count(invoices)", "--entity", "customer:C1").json() == {"number": "1"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nam", "--entity", "customer:C1"), "did you mean `name`?"),
        (("name", "--entity", "customer:none"), "not known"),
        (("1", "--entity", "customer:C1", "--context", "{}"), "not both"),
        (("1 +",), "expected a value"),
        ((), "EXPR"),
    ],
)
def test_what_cannot_be_asked_is_wrong_usage(call, arguments, message):
    call("sync")
    refused = call("feel", *arguments)
    assert refused.code == 2
    assert message in refused.err


def test_the_prompt_answers_line_by_line(call, monkeypatch):
    lines = StringIO('sum([1,\n2])\n:type\n:reads x + "["\n1 +\n:what\n\n1/0\n:quit\n7\n')
    monkeypatch.setattr(lines, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdin", lines)
    told = call("feel")
    assert told.code == 0
    assert "3\n" in told.out
    assert "number\n" in told.out
    assert ":quit" in told.out
    assert "7" not in told.out.replace(":quit", "")
    assert "expected a value" in told.err
    assert "fault: " in told.err


@pytest.mark.parametrize(
    ("text", "open"), [("(1", True), ("[1, {a: 2}]", False), ('"(" + "\\"["', False), ("1)", False), ("{a: [1}", True)]
)
def test_brackets_in_texts_keep_nothing_open(text, open):
    assert is_open(text) is open
