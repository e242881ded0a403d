"""Conversion built-ins (DMN 1.5, 10.3.4.1)."""


def test_dates(case):
    """
    date("2026-01-05") => @"2026-01-05"
    date(2026, 1, 5) => @"2026-01-05"
    date(year: 2026, month: 1, day: 5) => @"2026-01-05"
    date(@"2026-01-05T10:00:00Z") => @"2026-01-05"
    date("2026-1-5") => fault
    date("26-01-05") => fault
    date("02026-01-05") => fault
    date("2026-02-29") => fault
    date(2026, 2, 29) => fault
    date("2024-02-29") => @"2024-02-29"
    date(null) => null
    date(2026, null, 5) => null
    """
    case.check()


def test_times(case):
    """
    time("10:11:12") => @"10:11:12"
    time("10:11:12.130") => @"10:11:12.13"
    time("10:11:12Z") => @"10:11:12Z"
    time("10:11:12z") => @"10:11:12Z"
    time("10:11:12-00:00") => @"10:11:12Z"
    time("10:11:12@Europe/Berlin").timezone => "Europe/Berlin"
    time(10, 11, 12) => @"10:11:12"
    time(10, 11, 12.5) => @"10:11:12.5"
    time(10, 11, 12, @"PT2H") => @"10:11:12+02:00"
    time(10, 11, 12, null) => @"10:11:12"
    time(@"2026-01-05T10:11:12Z") => @"10:11:12Z"
    time(@"2026-01-05") => @"00:00:00Z"
    time("10:11") => fault
    time("24:00:01") => fault
    time("10:60:00") => fault
    time("10:11:12+15:00") => fault
    time("10:11:12@Nowhere/City") => fault
    time("10:11:12@../etc/passwd") => fault
    time(24, 0, 0) => fault
    """
    case.check()


def test_dates_and_times(case):
    """
    date and time("2026-01-05T10:11:12") => @"2026-01-05T10:11:12"
    date and time("2026-01-05") => @"2026-01-05T00:00:00"
    date and time("2026-01-05T24:00:00") => @"2026-01-06T00:00:00"
    date and time(@"2026-01-05", @"10:11:12Z") => @"2026-01-05T10:11:12Z"
    date and time(@"2026-01-05T01:02:03Z", @"10:11:12") => @"2026-01-05T10:11:12"
    string(date and time("-99999-01-05T10:11:12.000000001@Asia/Tokyo")) => "-99999-01-05T10:11:12.000000001@Asia/Tokyo"
    date and time("2026-01-05 10:11:12") => fault
    date and time("2026-01-05T10:11:12+01:00@Europe/Berlin") => fault
    """
    case.check()


def test_durations(case):
    """
    duration("P1DT2H") => @"PT26H"
    string(duration("PT36H")) => "P1DT12H"
    string(duration("P25M")) => "P2Y1M"
    string(duration("-PT90S")) => "-PT1M30S"
    string(duration("P0D")) => "PT0S"
    string(duration("P0Y")) => "P0M"
    string(duration("PT0.001S")) => "PT0.001S"
    duration("P1Y1D") => fault
    duration("P") => fault
    duration("P1DT") => fault
    duration("1D") => fault
    years and months duration(@"2024-01-31", @"2025-03-30") => @"P1Y1M"
    years and months duration(@"2025-03-30", @"2024-01-31") => @"-P1Y1M"
    years and months duration(@"2025-03-30", @"2025-03-29") => @"P0M"
    """
    case.check()


def test_numbers(case):
    """
    number("1.5") => 1.5
    number("-1e2") => -100
    number("1 000,5", " ", ",") => 1000.5
    number("1.000,5", ".", ",") => 1000.5
    number("1,000.5", ",", ".") => 1000.5
    number("1000,5", null, ",") => 1000.5
    number("1,5") => fault
    number("") => fault
    number("NaN") => fault
    number("Infinity") => fault
    number("1", ".", ".") => fault
    number("1", "x", ".") => fault
    """
    case.check()


def test_strings(case):
    r"""
    string(1.50) => "1.5"
    string(1e3) => "1000"
    string(-0.0) => "0"
    string("a") => "a"
    string(null) => null
    string(true) => "true"
    string(@"2026-01-05") => "2026-01-05"
    string([1, "a", null]) => "[1, \"a\", null]"
    string({a: 1, b: {c: "x"}}) => "{a: 1, b: {c: \"x\"}}"
    string([1..2)) => "[1..2)"
    """
    case.check()


def test_contexts(case):
    """
    context([{key: "a", value: 1}, {key: "b", value: null}]) => {a: 1, b: null}
    context([]) => {}
    context([{key: "a"}]) => fault
    context([{key: "a", value: 1}, {key: "a", value: 2}]) => fault
    context({key: "a", value: 1}) => {a: 1}
    get value({a: 1}, "a") => 1
    get value({a: 1}, "b") => null
    get value(null, "a") => null
    get entries({a: 1}) => [{key: "a", value: 1}]
    context put({a: 1}, "b", 2) => {a: 1, b: 2}
    context put({a: 1}, "a", 2) => {a: 2}
    context put({a: {b: 1, c: 2}}, ["a", "b"], 3) => {a: {b: 3, c: 2}}
    context put({a: 1}, ["a", "b"], 3) => fault
    context put({a: 1}, [], 3) => fault
    context put(context: {a: 1}, keys: ["b"], value: 2) => {a: 1, b: 2}
    context merge([{a: 1, b: 1}, {b: 2}]) => {a: 1, b: 2}
    context merge([{a: 1}, 2]) => fault
    """
    case.check()
