"""Equality and order (DMN 1.5, 10.3.2.13, tables 52 and 53)."""


def test_equality(case):
    """
    1 = 1.0 => true
    1 != 2 => true
    "a" = "A" => false
    true = true => true
    null = null => true
    null = 1 => false
    1 != null => true
    [1, 2] = [1, 2.0] => true
    [1, 2] = [2, 1] => false
    [] = [] => true
    {a: 1, b: 2} = {b: 2, a: 1} => true
    {a: 1} = {a: 1, b: null} => false
    [1..2] = [1..2] => true
    [1..2] = [1..2) => false
    (> 1) = (> 1) => true
    @"P1D" = @"PT24H" => true
    @"P1Y" = @"P12M" => true
    @"2026-01-05T08:00:00Z" = @"2026-01-05T09:00:00+01:00" => true
    @"2026-01-05T08:00:00Z" = @"2026-01-05T08:00:00" => false
    @"10:00:00Z" = @"11:00:00+01:00" => true
    """
    case.check()


def test_different_kinds_are_neither_equal_nor_different(case):
    """
    1 = "1" => fault
    1 != "1" => fault
    @"P0D" = 0 => fault
    @"P1D" = @"P1Y" => fault
    @"2026-01-05" = @"2026-01-05T00:00:00" => fault
    [1] = 1 => fault
    """
    case.check()


def test_order(case):
    """
    1 < 2 => true
    2 <= 2.0 => true
    "a" < "b" => true
    "Z" < "a" => true
    @"2026-01-05" > @"2025-12-31" => true
    @"12026-01-05" > @"2026-01-05" => true
    @"10:00:00" >= @"09:59:59.999999999" => true
    @"2026-01-05T08:00:00Z" < @"2026-01-05T08:30:00+00:00" => true
    @"P1D" < @"P1DT1S" => true
    @"P1Y" >= @"P13M" => false
    1 < null => null
    null >= null => null
    1 < "a" => fault
    true < false => fault
    [1] < [2] => fault
    @"P1D" < @"P1Y" => fault
    @"2026-01-05" < @"2026-01-05T08:00:00Z" => fault
    @"2026-01-05T08:00:00" < @"2026-01-05T08:00:00Z" => false
    @"2026-01-05T08:00:00" < @"2026-01-05T08:00:01+05:00" => true
    @"08:00:00" > @"07:59:59@Europe/Berlin" => true
    """
    case.check()


def test_between(case):
    """
    1 between 1 and 2 => true
    2.5 between 1 and 2 => false
    "b" between "a" and "c" => true
    1 between null and 2 => null
    3 between null and 2 => false
    1 + 1 between 1 + 1 and 3 and true => true
    1 between "a" and 2 => fault
    """
    case.check()


def test_is_compares_kind_and_time_zone_too(case):
    """
    is(1, 1.0) => true
    is(@"P1D", @"PT24H") => true
    is(@"P0Y", @"P0D") => false
    is(@"10:00:00Z", @"11:00:00+01:00") => false
    is(@"10:00:00@Etc/UTC", @"10:00:00Z") => false
    is(1, "1") => false
    is(null, null) => true
    is([1, {a: 2}], [1, {a: 2}]) => true
    """
    case.check()
