"""An expression reaches nothing of Python and ends soon, whatever it says."""

import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.feel import Env, FeelSyntaxError, Limits, compile, evaluate, to_json


@pytest.mark.parametrize(
    "expression",
    [
        "__builtins__",
        "__import__",
        "scope",
        "env",
        "env.faults",
        "c0",
        "x.__class__",
        "x.get",
        "x.keys",
        '"".__class__',
        "abs.call",
        "(function() 1).call.__globals__",
        "MISSING",
        'get value(x, "__class__")',
    ],
)
def test_nothing_of_python_is_in_reach(expression):
    assert evaluate(expression, {"x": {"a": 1}}) is None


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50_000 + "1",
        "[" * 5000 + "]" * 5000,
        "-" * 5000 + "1",
        "not(" * 5000 + "true" + ")" * 5000,
        "1" + " + 1" * 5000,
        "a" + ".b" * 5000,
        "a" + "[1]" * 5000,
        "if true then " * 5000,
        "for i in " * 5000,
        "function() " * 5000,
        "{a: " * 5000,
        "1 instance of " + "list<" * 5000,
        "x" * 200_000,
        f"for {', '.join(f'{name} in 1..2' for name in 'abcdefghijklmno')} return 1",
    ],
    ids=lambda text: text[:12],
)
def test_what_is_too_deep_or_too_long_is_no_expression(text):
    with pytest.raises(FeelSyntaxError):
        compile(text)


def test_long_is_not_deep():
    assert evaluate(" and ".join(["true"] * 2000)) is True
    assert len(evaluate(f"[{', '.join('1' * 5000)}]")) == 5000
    assert evaluate("1" + " + 1" * 80) == 81


DOUBLED = (
    "{a: [1, 1]"
    + "".join(f", b{n}: [{'a' if n == 0 else f'b{n - 1}'}, {'a' if n == 0 else f'b{n - 1}'}]" for n in range(60))
    + "}"
)


@pytest.mark.parametrize(
    "expression",
    [
        "for i in 1..1000000000 return i",
        "[1..1000000000][1] = (for i in [1..1000000000] return i)",
        "for i in 1..10000, j in 1..10000 return 1",
        "some i in 1..10000, j in 1..10000 satisfies i < 0",
        "every i in 1..10000 satisfies count((1..10000)[item > i]) > 0 and count(for j in 1..10000 return j) > 0",
        "(function(f) f(f))(function(f) f(f))",
        "count(distinct values(for i in 1..100000 return {a: i}))",
        f"{DOUBLED}.b59 = {DOUBLED}.b59",
        f"string({DOUBLED}.b59)",
        f"count(flatten({DOUBLED}.b59))",
        f"is({DOUBLED}.b59, 1)",
        f"{DOUBLED}.b59.x",
        f"{DOUBLED}.b59 instance of " + "list<" * 61 + "number" + ">" * 61,
        'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "^(a+)+$")',
        'count(split("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "(a|a)*c"))',
        'replace("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "(a|aa)+$", "x")',
        '(for i in 1..40 return if i = 1 then "xx" else partial[-1] + partial[-1])[40]',
        "(for i in 1..40 return if i = 1 then [1] else concatenate(partial[-1], partial[-1]))[40]",
        "(for i in 1..60 return if i = 1 then 10 else partial[-1] * partial[-1])[60]",
        "2 ** 100000000",
        "exp(100000)",
    ],
    ids=lambda text: text[:40],
)
def test_evaluation_ends_with_null_or_a_value(expression):
    env = Env(datetime(2026, 1, 5, tzinfo=UTC), limits=Limits(steps=200_000, items=50_000, regex_seconds=0.1))
    program = compile(expression)
    began = time.process_time()
    program.run({}, env)
    assert time.process_time() - began < 3


def test_a_stopped_evaluation_is_null_with_a_fault():
    env = Env(datetime(2026, 1, 5, tzinfo=UTC), limits=Limits(steps=100))
    assert compile("count(for i in 1..1000 return i)").run({}, env) is None
    assert env.faults[0].message == "stopped after 100 steps"
    assert compile("count(for i in 1..50 return i)").run({}, env) == 50


def test_values_with_shared_parts_are_not_written_without_end():
    with pytest.raises(ValueError, match="parts"):
        to_json(evaluate(f"{DOUBLED}.b59"))


def test_numbers_stay_decimals_and_floats_never_come_in():
    assert to_json(evaluate("x + 0.2", {"x": 0.1})) == {"number": "0.3"}
    assert evaluate("x", {"x": float("nan")}) is None
    assert evaluate("x > 1", {"x": Decimal("NaN")}) is None
    assert evaluate("x", {"x": object()}) is None
    assert type(evaluate("x", {"x": 1})) is Decimal


def test_the_text_of_a_literal_is_never_code():
    assert evaluate('"\\"); import os #"') == '"); import os #'
    assert evaluate('{"__class__ or 1": 2}') == {"__class__ or 1": 2}
