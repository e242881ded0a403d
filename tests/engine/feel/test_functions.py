"""Function literals, calls and `instance of` (DMN 1.5, 10.3.2.9 to 10.3.2.11)."""

from engine.feel import compile


def test_calls(case):
    """
    (function(a, b) a - b)(3, 1) => 2
    (function(a, b) a - b)(b: 1, a: 3) => 2
    (function() 7)() => 7
    {twice: function(f, x) f(f(x)), r: twice(function(n) n * 3, 2)}.r => 18
    [function(x) x + 1][1](1) => 2
    {inc: function(x) x + 1}.inc(1) => 2
    (function(a) a)() => fault
    (function(a) a)(1, 2) => fault
    (function(a) a)(b: 1) => fault
    (function(a, b) [a, b])(b: 1) => [null, 1]
    (1)(2) => fault
    null(1) => null
    {abs: function(x) "mine", r: abs(1)}.r => "mine"
    {f: abs, r: f(-1)}.r => 1
    """
    case.check()


def test_typed_parameters_convert_or_refuse(case):
    """
    (function(a: number) a)(1) => 1
    (function(a: number) a)([1]) => 1
    (function(a: list<number>) a)(1) => [1]
    (function(a: date and time) a)(@"2026-01-05") => @"2026-01-05T00:00:00Z"
    (function(a: number) a)(null) => null
    (function(a: number) 1)("a") => fault
    (function(a: context<x: number>) a.x)({x: 1, y: 2}) => 1
    """
    case.check()


def test_built_ins_check_their_arguments(case):
    """
    abs() => fault
    abs(1, 2) => fault
    abs(n: -1) => 1
    abs(x: -1) => fault
    abs("a") => fault
    abs([-1]) => 1
    abs(null) => null
    substring(string: "abc", start position: 2) => "bc"
    substring(start position: 2, string: "abc") => "bc"
    substring(string: "abc") => fault
    string length(["abc"]) => 3
    no such thing(1) => fault
    """
    case.check()


def test_external_functions_are_never_run(case):
    """
    (function(a) external {java: {class: "java.lang.Runtime", method signature: "exit(int)"}})(1) => fault
    """
    case.check()


def test_instance_of(case):
    """
    1 instance of number => true
    "a" instance of string => true
    true instance of boolean => true
    @"2026-01-05" instance of date => true
    @"10:00:00" instance of time => true
    @"2026-01-05T10:00:00" instance of date and time => true
    @"P1D" instance of days and time duration => true
    @"P1Y" instance of years and months duration => true
    @"P1Y" instance of days and time duration => false
    1 instance of Any => true
    null instance of Any => false
    null instance of Null => true
    [1, 2] instance of list<number> => true
    [1, "a"] instance of list<number> => false
    [1, null] instance of list<number> => true
    [] instance of list<string> => true
    [1] instance of list => true
    {a: 1} instance of context => true
    {a: 1, b: 2} instance of context<a: number> => true
    {a: "x"} instance of context<a: number> => false
    {b: 1} instance of context<a: number> => false
    [1..2] instance of range<number> => true
    [1..2] instance of range<string> => false
    (function(a: number) a > 1) instance of function<number> -> boolean => true
    (function(a: number) a > 1) instance of function<string> -> boolean => false
    (function(a) a) instance of function<Any> -> Any => true
    1 + 1 instance of number => true
    """
    case.check()


def test_a_type_that_does_not_exist_has_no_values(env):
    assert compile("1 instance of thing").run({}, env) is False
    assert env.faults[0].message == "`thing` is no type"
