"""Numeric built-ins (DMN 1.5, 10.3.4.5)."""


def test_rounding(case):
    """
    decimal(1 / 3, 2) => 0.33
    decimal(1.5, 0) => 2
    decimal(2.5, 0) => 2
    decimal(1.115, 2) => 1.12
    decimal(1234, -2) => 1200
    decimal(1, 7000) => fault
    floor(1.5) => 1
    floor(-1.5) => -2
    floor(-1.56, 1) => -1.6
    ceiling(1.5) => 2
    ceiling(-1.5) => -1
    ceiling(-1.56, 1) => -1.5
    round up(5.5, 0) => 6
    round up(-5.5, 0) => -6
    round up(1.121, 2) => 1.13
    round down(5.5, 0) => 5
    round down(-5.5, 0) => -5
    round half up(5.5, 0) => 6
    round half up(-5.5, 0) => -6
    round half down(5.5, 0) => 5
    round half down(-5.5, 0) => -5
    round half down(5.51, 0) => 6
    round up(null, 0) => null
    """
    case.check()


def test_the_rest(case):
    """
    abs(-10) => 10
    abs(@"-PT5H") => @"PT5H"
    abs(@"-P1Y") => @"P1Y"
    abs(-1234567890123456789012345678901234) => 1234567890123456789012345678901234
    modulo(12, 5) => 2
    modulo(-12, 5) => 3
    modulo(12, -5) => -3
    modulo(-12, -5) => -2
    modulo(10.1, 4.5) => 1.1
    modulo(1, 0) => fault
    modulo(1e100, 3) => fault
    sqrt(16) => 4
    sqrt(-1) => fault
    decimal(log(10), 8) => 2.30258509
    log(0) => fault
    decimal(exp(5), 8) => 148.41315910
    exp(1e9) => fault
    odd(5) => true
    odd(-3) => true
    odd(2) => false
    odd(1.5) => false
    even(5) => false
    even(0) => true
    even(1e40) => true
    even(0.5) => false
    """
    case.check()
