"""What a program knows of itself: reads, clock use, type, constancy."""

from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest

from engine.feel import HostFunction, compile
from engine.feel.types import BOOLEAN, DATE, NUMBER, STRING, ContextType, ListType, MoneyType

INVOICE_FIELDS = {}
CUSTOMER_FIELDS = {"risk": STRING}
INVOICE = ContextType(INVOICE_FIELDS, "invoice")
CUSTOMER = ContextType(CUSTOMER_FIELDS, "customer")
CUSTOMER_FIELDS["invoices"] = ListType(INVOICE)
INVOICE_FIELDS |= {
    "status": STRING,
    "balance": MoneyType("TRY"),
    "days_overdue": NUMBER,
    "due": DATE,
    "customer": CUSTOMER,
}
MODEL = {"invoice": INVOICE, "customer": CUSTOMER, "invoices": ListType(INVOICE), "x": NUMBER}


def reads(expression, types=MODEL, **options):
    return {".".join(path) for path in compile(expression, types, **options).reads}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("x", "x"),
        ("invoice.due", "invoice invoice.due"),
        ("invoice.due.year", "invoice invoice.due"),
        ("invoice.balance.currency", "invoice invoice.balance"),
        ('invoices[status = "open"].balance', "invoices invoices.status invoices.balance"),
        ("invoices[days_overdue > x]", "invoices invoices.days_overdue x"),
        ("invoices[item.days_overdue > 1]", "invoices invoices.days_overdue"),
        ("some i in invoices satisfies i.days_overdue > 7", "invoices invoices.days_overdue"),
        ("for i in invoices return i.status", "invoices invoices.status"),
        ("{i: invoice, s: i.status}.s", "invoice invoice.status"),
        ("{i: invoice}.i.status", "invoice invoice.status"),
        (
            "(if x > 1 then invoice else customer.invoices[1]).due",
            "x invoice invoice.due customer customer.invoices customer.invoices.due",
        ),
        ("sort(invoices, function(a, b) a.due < b.due)[1].status", "invoices invoices.due invoices.status"),
        ("{late: function(i) i.due, r: late(invoice)}.r", "invoice invoice.due"),
        (
            "concatenate(invoices, customer.invoices).status",
            "invoices invoices.status customer customer.invoices customer.invoices.status",
        ),
        ('get value(invoice, "due")', "invoice invoice.due"),
        ("get value(invoice, customer.risk)", "invoice invoice.* customer customer.risk"),
        (
            "invoice.customer.invoices.customer.risk",
            "invoice invoice.customer invoice.customer.invoices invoice.customer.invoices.customer invoice.customer.invoices.customer.risk",
        ),
        ("count([1, 2][item > x])", "x"),
        ("for x in [1] return x", ""),
        ("1 + 2", ""),
    ],
)
def test_reads_go_through_lists_filters_and_local_names(expression, expected):
    assert reads(expression) == set(expected.split())


def test_without_types_a_name_in_a_filter_may_come_from_both_sides():
    assert reads('invoices[status = "open"]', None) == {"invoices", "invoices.status", "status"}


def test_cells_read_their_input():
    assert reads("> x", {"?": NUMBER, "x": NUMBER}, unary=True) == {"?", "x"}
    assert reads("-", {"?": NUMBER}, unary=True) == set()


@pytest.mark.parametrize(
    ("expression", "time"),
    [
        ("now()", "now"),
        ("today() > invoice.due", "today"),
        ("[now(), today()]", "now"),
        ("1", "none"),
        ("for now in [1] return now", "none"),
    ],
)
def test_clock_use(expression, time):
    assert compile(expression, MODEL).time == time


def test_constant_programs_read_nothing():
    assert compile('duration("P10D") * 2').constant
    assert not compile("x").constant
    assert not compile("today()").constant


def test_result_types():
    assert compile("x > 1", MODEL).type == BOOLEAN
    assert compile("invoices.balance", MODEL).type == ListType(MoneyType("TRY"))
    assert compile("sum(invoices.balance)", MODEL).type == MoneyType("TRY")
    assert compile("invoice.customer.invoices[1]", MODEL).type == INVOICE
    assert str(compile('invoice.due - duration("P1D")', MODEL).type) == "date"
    assert str(compile("{a: x}", MODEL).type) == "context<a: number>"


def test_host_functions(env):
    double = HostFunction("twice as much", (("n", NUMBER),), NUMBER, lambda _env, n: n * 2, time="today")
    functions = {"twice as much": double}
    program = compile("twice as much(x) + 1", MODEL, functions=functions)
    assert (program.run({"x": Decimal(3)}, env), program.time, program.type) == (7, "today", NUMBER)
    assert compile("twice as much(n: 4)", functions=functions).run({}, env) == 8
    assert compile('twice as much("a")', functions=functions).run({}, env) is None
    assert "number" in env.faults[0].message


def test_declared_errors_of_host_functions_are_faults_and_others_are_not(env):
    def fails(_env, error):
        raise {"key": KeyError, "value": ValueError}[error](error)

    functions = {"f": HostFunction("f", (("e", STRING),), NUMBER, fails, raises=(KeyError,))}
    assert compile('f("key")', functions=functions).run({}, env) is None
    assert len(env.faults) == 1
    with pytest.raises(ValueError, match="value"):
        compile('f("value")', functions=functions).run({}, env)


def test_programs_are_frozen():
    with pytest.raises(FrozenInstanceError):
        compile("1").source = "2"


def test_types_of_the_model_have_names(env):
    named = {"line": ContextType({"n": NUMBER})}
    scope = {"good": {"n": Decimal(1)}, "bad": {"n": "1"}}
    assert compile("good instance of line", None, named=named).run(scope, env) is True
    assert compile("bad instance of line", None, named=named).run(scope, env) is False
    assert compile("[good] instance of list<line>", None, named=named).run(scope, env) is True
    assert compile("(function(l: line) l.n)(good)", None, named=named).run(scope, env) == 1
    assert env.faults == []


def test_a_field_named_like_a_built_in_hides_no_call():
    types = {
        "count": NUMBER,
        "order": ContextType({"date": DATE, "count": NUMBER}, "order"),
        "invoices": ListType(INVOICE),
    }
    assert compile("count(invoices) > count and order.date < today() and order.count = 1", types).type == BOOLEAN
