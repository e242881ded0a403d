"""Three-valued logic and conditionals (DMN 1.5, 10.3.2.4 and tables 49, 50)."""

import itertools

import pytest

from engine.feel import compile

TRUTH = {"true": True, "false": False, "null": None}


def kleene_and(values):
    return False if False in values else None if None in values else True


def kleene_or(values):
    return True if True in values else None if None in values else False


@pytest.mark.parametrize("operands", list(itertools.product(TRUTH, repeat=3)), ids=" ".join)
def test_truth_tables(operands, env):
    values = [TRUTH[operand] for operand in operands]
    scope = dict(zip("abc", values, strict=True))
    for expression, wanted in [("a and b and c", kleene_and(values)), ("a or b or c", kleene_or(values))]:
        assert compile(expression).run(scope, env) is wanted
        literal = expression.replace("a ", operands[0] + " ").replace("b ", operands[1] + " ")[:-1] + operands[2]
        assert compile(literal).run({}, env) is wanted
    assert env.faults == []


def test_what_is_no_truth_value_counts_as_null(case):
    """
    false and 1 => false
    true or "a" => true
    true and 1 => fault
    "a" and true => fault
    false or 0 => fault
    not("a") => fault
    not(null) => null
    not(false) => true
    """
    case.check()


def test_a_decided_junction_looks_no_further(env):
    assert compile("false and 1 / 0 = 1").run({}, env) is False
    assert compile("true or 1 / 0 = 1").run({}, env) is True
    assert env.faults == []


def test_if(case):
    """
    if true then 1 else 2 => 1
    if false then 1 else 2 => 2
    if null then 1 else 2 => 2
    if "a" then 1 else 2 => 2
    if true then 1 else 1 / 0 => 1
    if true then if false then 1 else 2 else 3 => 2
    (if true then 1 else 2) + 1 => 2
    if true then 1 => syntax error
    """
    case.check()
