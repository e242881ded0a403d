"""Faults of the text and of types: all of them, each with its place and a hint."""

import pytest

from engine.feel import FeelError, FeelSyntaxError, FeelTypeError, compile, parse
from engine.feel.types import ANY, BOOLEAN, DATE, NUMBER, STRING, ContextType, ListType, MoneyType

INVOICE = ContextType(
    {
        "days_overdue": NUMBER,
        "status": STRING,
        "due": DATE,
        "paid": MoneyType("EUR"),
        "owed": MoneyType("TRY"),
        "open": BOOLEAN,
    },
    "invoice",
)
MODEL = {"invoice": INVOICE, "invoices": ListType(INVOICE), "anything": ANY}


@pytest.mark.parametrize(
    ("text", "line", "column", "hint"),
    [
        ("1 +", 1, 4, "expected a value"),
        ("a == b", 1, 4, "single `=`"),
        ("a\n&& b", 2, 1, "`and`"),
        ("a || b", 1, 3, "`or`"),
        ("not a", 1, 5, "`not(...)`"),
        ("a <> b", 1, 4, "`!=`"),
        ("x = 'a'", 1, 5, "double quotes"),
        ("a % 2", 1, 3, "modulo"),
        ('"abc', 1, 1, "\\n"),
        ("if a then b", 1, 12, "`else`"),
        ("for x return 1", 1, 5, "`in`"),
        ("(1 + 2", 1, 7, "`)`"),
        ("{a 1}", 1, 2, "key"),
    ],
)
def test_syntax_errors_say_where_and_what_instead(text, line, column, hint):
    with pytest.raises(FeelSyntaxError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert hint in caught.value.hint


def faults(expression, types=MODEL):
    with pytest.raises(FeelTypeError) as caught:
        compile(expression, types)
    return caught.value.faults


def test_an_unknown_field_has_the_nearest_as_hint():
    (fault,) = faults("invoice.days overdue > 7")
    assert fault.message == "`days overdue` is no field of invoice"
    assert fault.hint == "did you mean `days_overdue`?"
    assert (fault.line, fault.column, fault.length) == (1, 9, 12)


def test_every_fault_is_reported():
    found = faults('invoice.state = "open" and\n invoice.status > 7 or nowhere')
    assert [(fault.line, fault.message) for fault in found] == [
        (1, "`state` is no field of invoice"),
        (2, "cannot compare string with number"),
        (2, "nothing here is called `nowhere`"),
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "invoice.due > 7",
        "invoice.due + 1",
        "invoice.status and true",
        "if invoice.status then 1 else 2",
        "upper case(invoice.days_overdue)",
        "count(1, 2, 3)",
        "substring(invoice.status)",
        "abs(m: 1)",
        "invoice.owed > invoice.paid",
        "invoice.owed + invoice.paid",
        "invoice.owed + 1",
        "sum(invoices.owed) = sum(invoices.paid)",
        "invoices[due > 7]",
        "invoices[status]",
        "some i in invoices satisfies i.nothing",
        "for i in invoice.status..3 return i",
        'invoice.days_overdue in ["a".."b"]',
        "invoice.status in (1, 2)",
        "invoice.due between 1 and 2",
        "-invoice.status",
        "invoice.due.hour",
        "1 instance of nothing",
        '@"nothing"',
        "invoice.status()",
        "(function(a: number) a)(invoice.status)",
    ],
)
def test_what_can_never_have_a_value_is_refused(expression):
    assert faults(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "anything.deep.inside > 7 and anything[1].x",
        "invoice.status = null",
        "invoice.owed > 100",
        "invoice.owed + 0",
        "invoice.owed * 2 > invoice.owed / 3",
        "invoice.owed / invoice.owed > 0.5",
        "invoices[open].owed",
        "invoices[1].owed.amount",
        "max(invoices.due) < today()",
        "string length([invoice.status])",
        "{a: invoice, b: a.due}.b.year",
        "sort(invoices, function(a, b) a.due < b.due)[1].due",
        "for i in invoices, j in 1..i.days_overdue return j",
        'if invoice.open then 1 else "none"',
        'invoice.due - @"P1M" < today()',
        "partition instance of Any or true",
    ],
)
def test_what_can_have_a_value_is_taken(expression):
    compile(expression, {**MODEL, "partition": ANY})


def test_cells_are_checked_against_their_input():
    assert compile("> 5, 3", {"?": NUMBER}, unary=True).type == BOOLEAN
    with pytest.raises(FeelTypeError):
        compile('"a"', {"?": NUMBER}, unary=True)


def test_both_errors_are_feel_errors():
    assert issubclass(FeelSyntaxError, FeelError)
    assert issubclass(FeelTypeError, FeelError)


def test_faults_at_run_time_have_a_place(env):
    assert compile('1 +\n "a"').run({}, env) is None
    assert compile("[1, upper case(5)]").run({}, env) == [1, None]
    assert [(fault.line, fault.column) for fault in env.faults] == [(1, 1), (1, 5)]
    assert env.faults[0].message == "cannot add number and string"
