"""`for`, `some`, `every` (DMN 1.5, 10.3.2.14 and table 51)."""


def test_for(case):
    """
    for i in [1, 2] return i * 2 => [2, 4]
    for i in [] return i => []
    for i in 5 return i => [5]
    for i in null return i => null
    for i in 1..3 return i => [1, 2, 3]
    for i in 3..1 return i => [3, 2, 1]
    for i in [1..3] return i => [1, 2, 3]
    for i in (1..3) return i => [2]
    for i in @"2026-01-30"..@"2026-02-01" return i => [@"2026-01-30", @"2026-01-31", @"2026-02-01"]
    for i in @"2026-02-01"..@"2026-01-31" return i.day => [1, 31]
    for i in 1..2, j in [10, 20] return i + j => [11, 21, 12, 22]
    for i in 1..3, j in 1..i return j => [1, 1, 2, 1, 2, 3]
    for i in 1..2 return for j in 1..2 return i * j => [[1, 2], [2, 4]]
    for i in 1.5..2 return i => fault
    for i in "a".."c" return i => fault
    for i in null..2 return i => null
    """
    case.check()


def test_partial_results(case):
    """
    for i in 1..5 return if i < 3 then 1 else partial[-1] + partial[-2] => [1, 1, 2, 3, 5]
    for i in 1..3 return count(partial) => [0, 1, 2]
    for i in 1..2, j in 1..2 return count(partial) => [0, 1, 2, 3]
    for partial in 1..2 return partial => [1, 2]
    """
    case.check()


def test_quantifiers(case):
    """
    some x in [1, 2] satisfies x > 1 => true
    some x in [1, 2] satisfies x > 2 => false
    every x in [1, 2] satisfies x > 0 => true
    every x in [1, 2] satisfies x > 1 => false
    some x in [] satisfies true => false
    every x in [] satisfies false => true
    some x in [1, null] satisfies x > 1 => null
    some x in [null, 2] satisfies x > 1 => true
    every x in [1, null] satisfies x > 0 => null
    every x in [null, 0] satisfies x > 0 => false
    some x in null satisfies x => null
    some x in [1, 2], y in [2, 3] satisfies x = y => true
    every x in [1, 2], y in [x, 3] satisfies x <= y => true
    some x in 1..3 satisfies x = 3 => true
    some x in ["a"] satisfies x => fault
    """
    case.check()


def test_functions_keep_the_turn_they_were_made_in(case):
    """
    for f in (for i in 1..3 return function() i) return f() => [1, 2, 3]
    {a: 1, f: function(x) x + a, r: f(2)}.r => 3
    """
    case.check()
