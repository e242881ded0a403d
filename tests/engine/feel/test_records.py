"""Host objects as contexts, and reads that cannot be answered yet."""

from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest

from engine.feel import Record, Suspend, compile, to_json, to_value
from engine.feel.types import NUMBER, ContextType, ListType


class Row(Record):
    def __init__(self, **entries):
        self.entries = entries
        self.asked = []

    def get(self, name, default=None):
        self.asked.append(name)
        value = self.entries.get(name, default)
        if value is Ellipsis:
            raise Unresolved(name)
        return value

    def keys(self):
        return self.entries.keys()


class Unresolved(Suspend):
    pass


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("row.a", 1),
        ("rows.a", [1, 2]),
        ("rows[a > 1].a", [2]),
        ("rows[item.a = 2][1].a", 2),
        ("row instance of context<a: Any>", True),
        ("row instance of list<Any>", False),
        ("row = row", True),
        ("row = rows[1]", False),
        ("row in [rows[2], row]", True),
        ('get value(row, "a")', 1),
        ("get entries(row).key", ["a"]),
        ('context put(row, "b", 2)', {"a": 1, "b": 2}),
        ("string(row)", "{a: 1}"),
        ("row.nothing", None),
    ],
)
def test_a_record_is_a_context(expression, expected, env):
    row = Row(a=1)
    scope = Row(row=row, rows=[Row(a=1), Row(a=2)])
    scope.entries["row"].entries["a"] = 1
    from decimal import Decimal

    for each in (row, *scope.entries["rows"]):
        each.entries = {name: Decimal(value) for name, value in each.entries.items()}
    assert compile(expression).run(scope, env) == expected
    assert env.faults == []


def test_each_field_is_read_once(env):
    row = Row(a="x", b="y")
    compile('row.a = "q" or row.a = "r" or row.b = row.a').run({"row": row}, env)
    assert row.asked == ["a", "b"]


def test_what_is_not_needed_is_not_read(env):
    row = Row(a=False, b=...)
    assert compile("row.a and row.b").run({"row": row}, env) is False
    assert compile("if row.a then row.b else 1").run({"row": row}, env) == 1


@pytest.mark.parametrize(
    "expression",
    [
        "row.x",
        "row.x = null",
        "not(row.x) or true",
        "[row.x]",
        "count(rows[x > 1])",
        "some r in rows satisfies r.x > 1",
        "for r in rows return r.x",
        "sort(rows, function(a, b) a.x < b.x)",
        "(function(r) r.x)(row)",
        "string(row)",
        "rows.x",
        'get value(row, "x")',
        "if row.x = null then 1 else 2",
        "unresolved",
    ],
)
def test_an_unresolved_read_passes_through_everything(expression, env):
    scope = Row(row=Row(x=...), rows=[Row(x=...), Row(x=...)], unresolved=...)
    with pytest.raises(Unresolved):
        compile(expression).run(scope, env)
    assert (env.faults, env.calls) == ([], 0)


def test_a_record_where_types_said_otherwise_is_a_fault_and_no_error(env):
    program = compile("n > 1 and sum(rows.a) > 1", {"n": NUMBER, "rows": ListType(ContextType({"a": NUMBER}))})
    assert program.run({"n": Row(), "rows": "text"}, env) is None
    assert env.faults


def test_to_json_of_a_record():
    assert to_json(Row(a="b")) == {"context": {"a": {"string": "b"}}}


class Elsewhere(tzinfo):
    def utcoffset(self, _moment):
        return timedelta(hours=3)


class Shade(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, {"number": "1"}),
        (2.5, {"number": "2.5"}),
        (True, True),
        (Shade.RED, {"string": "red"}),
        ((1, "a"), {"list": [{"number": "1"}, {"string": "a"}]}),
        ({1: {"a": None}}, {"context": {"1": {"context": {"a": None}}}}),
        (datetime(2026, 1, 5, 8, tzinfo=Elsewhere()), {"date and time": "2026-01-05T08:00:00+03:00"}),
        (time(8, tzinfo=ZoneInfo("Europe/Berlin")), {"time": "08:00:00@Europe/Berlin"}),
        (timedelta(hours=1), {"duration": "PT1H"}),
    ],
)
def test_host_values_become_feel_values_at_the_border(value, expected):
    assert to_json(to_value(value)) == expected


def test_what_has_no_place_in_feel_is_refused_at_the_border():
    with pytest.raises(TypeError, match="set is no FEEL value"):
        to_value([{1}])
