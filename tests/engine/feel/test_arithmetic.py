"""Arithmetic (DMN 1.5, 10.3.2.3, tables 54 to 58)."""

import pytest

from engine.feel import Env, compile, evaluate


def test_numbers_are_decimals_of_34_digits(case):
    """
    0.1 + 0.2 => 0.3
    1 / 3 => 0.3333333333333333333333333333333333
    2 / 3 => 0.6666666666666666666666666666666667
    2 ** 10 => 1024
    2 ** -1 => 0.5
    0 ** 0 => 1
    10 ** 34 + 1 => 1e34
    10 ** 33 + 1 => 1000000000000000000000000000000001
    1 / 0 => fault
    10 ** 7000 => fault
    9e6144 * 10 => fault
    (-8) ** 0.5 => fault
    """
    case.check()


def test_precedence_and_associativity(case):
    """
    1 + 2 * 3 => 7
    (1 + 2) * 3 => 9
    8 - 4 - 2 => 2
    8 / 4 / 2 => 1
    2 * 3 ** 2 => 18
    2 ** 3 ** 2 => 64
    -3 ** 2 => 9
    2 * -3 => -6
    -[1, -2][2] => 2
    1 + 2 = 3 => true
    1 < 2 and 2 < 3 => true
    """
    case.check()


def test_null_operands_give_null_and_no_fault(case):
    """
    1 + null => null
    null - 1 => null
    null * @"P1D" => null
    null / 0 => null
    null ** 2 => null
    -null => null
    "a" + null => null
    """
    case.check()


def test_strings_are_added_only(case):
    """
    "a" + "b" => "ab"
    "a" - "b" => fault
    "a" * 2 => fault
    "1" + 1 => fault
    """
    case.check()


def test_dates_and_durations(case):
    """
    @"2026-01-05" + @"P1D" => @"2026-01-06"
    @"P1D" + @"2026-01-05" => @"2026-01-06"
    @"2026-01-05" - @"P5D" => @"2025-12-31"
    @"2026-01-05" + @"PT25H" => @"2026-01-06"
    @"2026-01-05" - @"PT1S" => @"2026-01-04"
    @"2024-01-31" + @"P1M" => @"2024-02-29"
    @"2024-02-29" + @"P1Y" => @"2025-02-28"
    @"2026-01-05" - @"P13M" => @"2024-12-05"
    @"2026-01-05" - @"2025-12-31" => @"P5D"
    @"9999-12-31" + @"P1D" => @"10000-01-01"
    @"0001-01-01" - @"P1D" => @"0000-12-31"
    @"999999999-12-31" + @"P1D" => fault
    @"2026-01-05" + 1 => fault
    @"2026-01-05" + @"2026-01-05" => fault
    @"P1D" - @"2026-01-05" => fault
    """
    case.check()


def test_dates_and_times(case):
    """
    @"2026-01-05T08:00:00" + @"PT1H" => @"2026-01-05T09:00:00"
    @"2026-01-05T23:30:00+03:00" + @"PT1H" => @"2026-01-06T00:30:00+03:00"
    @"2026-01-31T08:00:00Z" + @"P1M" => @"2026-02-28T08:00:00Z"
    @"2026-03-29T01:30:00@Europe/Berlin" + @"PT1H" => @"2026-03-29T03:30:00@Europe/Berlin"
    @"2026-10-25T00:30:00@Europe/Berlin" + @"PT3H" => @"2026-10-25T02:30:00@Europe/Berlin"
    @"2026-01-05T08:00:00Z" - @"2026-01-05T08:00:00+01:00" => @"PT1H"
    @"2026-03-29T12:00:00@Europe/Berlin" - @"2026-03-28T12:00:00@Europe/Berlin" => @"PT23H"
    @"2026-01-05T12:00:00Z" - @"2026-01-05" => @"PT12H"
    @"2026-01-05T00:00:00" - @"2026-01-05T00:00:00Z" => fault
    @"2026-01-05T00:00:00.000000001" + @"PT0.000000001S" => @"2026-01-05T00:00:00.000000002"
    @"23:30:00" + @"PT1H" => @"00:30:00"
    @"00:30:00Z" - @"PT1H" => @"23:30:00Z"
    @"10:00:00" - @"08:30:00" => @"PT1H30M"
    @"10:00:00+02:00" - @"08:00:00Z" => @"PT0S"
    @"10:00:00" - @"08:30:00Z" => fault
    """
    case.check()


def test_durations(case):
    """
    @"P1D" + @"PT12H" => @"P1DT12H"
    @"P1Y" + @"P1M" => @"P13M"
    @"P1Y" + @"P1D" => fault
    @"P1D" * 2.5 => @"P2DT12H"
    2 * @"P1M" => @"P2M"
    @"P1M" * 1.9 => @"P1M"
    @"P1D" / 2 => @"PT12H"
    @"P1Y" / 5 => @"P2M"
    @"P1D" / @"PT6H" => 4
    @"P1Y" / @"P1M" => 12
    @"P1D" / @"P0D" => fault
    @"P1D" / 0 => fault
    @"P1D" * @"P1D" => fault
    -@"P1Y2M" => @"-P1Y2M"
    """
    case.check()


KINDS = [
    "1",
    '"a"',
    "true",
    '@"2026-01-05"',
    '@"2026-01-05T00:00:00Z"',
    '@"10:00:00Z"',
    '@"P1D"',
    '@"P1Y"',
    "[1]",
    "{}",
    "[1..2]",
    "abs",
]
DATES = {'@"2026-01-05"', '@"2026-01-05T00:00:00Z"'}
DURATIONS = {'@"P1D"', '@"P1Y"'}


def _defined(left, operator, right):
    number, days, months, clock = "1", '@"P1D"', '@"P1Y"', '@"10:00:00Z"'
    pair = {left, right}
    if left == right and left in (number, days, months):
        return operator in "+-/" or (left == number)
    match operator:
        case "+":
            return left == right == '"a"' or bool(pair & DATES and pair & DURATIONS) or pair == {clock, days}
        case "-":
            if {left, right} <= DATES:
                return True
            return (left in DATES and right in DURATIONS) or (left == clock and right in (clock, days))
        case "*":
            return number in pair and bool(pair & DURATIONS)
        case "/":
            return left in DURATIONS and right == number
    return False


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "**"])
def test_every_pair_of_kinds_has_a_value_or_a_fault(operator):
    for left in KINDS:
        for right in KINDS:
            env = Env(evaluate("now()"))
            value = compile(f"({left}) {operator} ({right})").run({}, env)
            assert (value is not None) == _defined(left, operator, right), (left, operator, right)
            assert (value is None) == bool(env.faults)
