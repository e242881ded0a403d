"""Paths, properties and filters (DMN 1.5, 10.3.2.5, 10.3.2.6 and table 65)."""


def test_paths(case):
    """
    {a: 1}.a => 1
    {a: {b: {c: 3}}}.a.b.c => 3
    {a: 1}.b => null
    null.a => null
    [{a: 1}, {a: 2}].a => [1, 2]
    [{a: 1}, {b: 2}].a => [1, null]
    [{a: {b: 1}}, null].a.b => [1, null]
    "text".a => fault
    (1).a => fault
    """
    case.check()


def test_indexes(case):
    """
    [1, 2, 3][1] => 1
    [1, 2, 3][-1] => 3
    [1, 2, 3][4] => null
    [1, 2, 3][-4] => null
    [1, 2, 3][0] => fault
    [1, 2, 3][1.5] => fault
    [][1] => null
    5[1] => 5
    null[1] => null
    {i: 2, x: [7, 8][i]}.x => 8
    [1, 2, 3][count([1, 2])] => 2
    [[1, 2], [3]][1][2] => 2
    """
    case.check()


def test_conditions(case):
    """
    [1, 2, 3][item >= 2] => [2, 3]
    [1, 2, 3][true] => [1, 2, 3]
    [1, 2, 3][null] => []
    [{a: 1}, {a: 2}][a > 1] => [{a: 2}]
    [{a: 1}, {a: 2}][item.a > 1].a => [2]
    [{a: 1, b: 2}, {a: 2, b: 2}][a = b] => [{a: 2, b: 2}]
    [{item: 1}, {item: 2}][item = 2] => [{item: 2}]
    {a: 5, r: [{b: 1}, {b: 9}][b > a]}.r => [{b: 9}]
    {a: 5, r: [{a: 1}, {a: 9}][a > 5]}.r => [{a: 9}]
    [{a: [1, 2]}, {a: [3]}][count(a[item > 1]) = 1].a => [[1, 2], [3]]
    [1, 2, 3, 4][item > 1][item < 4] => [2, 3]
    5[item > 1] => [5]
    null[item > 1] => []
    [1, null, 3][item > 2] => [3]
    [true, false, null][item] => [true]
    """
    case.check()


def test_properties_of_dates_and_times(case):
    """
    @"2026-01-05".year => 2026
    @"2026-01-05".month => 1
    @"2026-01-05".day => 5
    @"2026-01-05".weekday => 1
    @"2026-01-04".weekday => 7
    @"-0044-03-15".year => -44
    @"2026-01-05T08:09:10.5+01:00".hour => 8
    @"2026-01-05T08:09:10.5+01:00".minute => 9
    @"2026-01-05T08:09:10.5+01:00".second => 10.5
    @"2026-01-05T08:09:10+01:00".time offset => @"PT1H"
    @"2026-07-05T08:09:10@Europe/Berlin".time offset => @"PT2H"
    @"2026-07-05T08:09:10@Europe/Berlin".timezone => "Europe/Berlin"
    @"2026-07-05T08:09:10".time offset => null
    @"2026-07-05T08:09:10Z".timezone => null
    @"08:09:10-05:00".time offset => @"-PT5H"
    @"2026-01-05".hour => fault
    @"10:00:00".day => fault
    """
    case.check()


def test_properties_of_durations(case):
    """
    @"P1DT2H3M4.5S".days => 1
    @"P1DT2H3M4.5S".hours => 2
    @"P1DT2H3M4.5S".minutes => 3
    @"P1DT2H3M4.5S".seconds => 4.5
    @"-P1DT2H".hours => -2
    @"P14M".years => 1
    @"P14M".months => 2
    @"-P14M".months => -2
    @"P14M".days => fault
    [@"P1D", @"P2D"].days => [1, 2]
    """
    case.check()
