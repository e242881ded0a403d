"""Literals, comments and white space (DMN 1.5, 10.3.1.2 and 10.3.2.3)."""


def test_numbers(case):
    """
    1 => 1
    1.50 => 1.5
    .5 => 0.5
    007 => 7
    1e3 => 1000
    1.2E-2 => 0.012
    -1 => 0 - 1
    --1 => 1
    12345678901234567890123456789012345 => 1.234567890123456789012345678901234e34
    1. => syntax error
    1e => syntax error
    9e9999 => syntax error
    """
    case.check()


def test_strings_and_their_escapes(case):
    r"""
    "" => ""
    "\u0041\U000042" => "AB"
    "\uD83D\uDC0E" => "\U01F40E"
    string length("\n\r\t\"\'\\") => 6
    "a\d" => "a\\d"
    "// no comment" => "// " + "no comment"
    "tschüß, 日本 🐎" => "tschüß, " + "日本 🐎"
    "no end => syntax error
    'single' => syntax error
    "\U110000" => syntax error
    """
    case.check()


def test_other_literals(case):
    """
    true => true
    false => false
    null => null
    [] => []
    [1, [2]] => [1, [2]]
    {} => {}
    {a: 1, "b c": 2} => {"a": 1, b c: 2}
    {a: 1, a: 2} => syntax error
    [1, 2 => syntax error
    [1 2] => syntax error
    """
    case.check()


def test_at_literals(case):
    """
    @"2026-01-05" => date("2026-01-05")
    @"08:00:00" => time("08:00:00")
    @"08:00:00+01:00" => time("08:00:00+01:00")
    @"2026-01-05T08:00:00Z" => date and time("2026-01-05T08:00:00Z")
    @"P1D" => duration("P1D")
    @"-P1Y" => duration("-P1Y")
    @"soon" => fault
    @"2026-02-30" => fault
    @ "P1D" => duration("P1D")
    @P1D => syntax error
    """
    case.check()


def test_comments_and_white_space(case):
    """
    1 // one => 1
    1 /* and */ + /* more */ 2 => 3
    /* a // b */ 1 => 1
    1 + // => syntax error
    1 /* open => syntax error
    """
    case.check()


def test_line_ends_and_unicode_spaces_separate_tokens():
    from engine.feel import evaluate

    assert evaluate("1\n+\r\n2 //x\n+ 3") == 6
    assert evaluate("1\u00a0+\u20032\ufeff") == 3
