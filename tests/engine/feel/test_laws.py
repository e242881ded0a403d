"""Laws that hold for all values: truth tables, decimals, intervals, dates, printing."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import Env, Record, ast, compile, parse, to_json, unparse
from engine.feel.types import ANY, DATE, DATE_TIME, DAYS_TIME, NUMBER, STRING, MoneyType

ENV = Env(datetime(2026, 1, 5, 8, tzinfo=UTC))
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9)
TRUTH = st.sampled_from([True, False, None])
DATES = st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))
DURATIONS = st.timedeltas(min_value=timedelta(days=-3000), max_value=timedelta(days=3000))
MOMENTS = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001  (the strategy adds the zone)
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001  (likewise)
    timezones=st.timezones() | st.none(),
)
ANYTHING = st.one_of(
    st.none(), st.booleans(), NUMBERS, st.text(max_size=3), DATES, DURATIONS, MOMENTS, st.lists(NUMBERS, max_size=2)
)


def value(expression, **scope):
    return compile(expression).run(scope, ENV)


@given(TRUTH, TRUTH, TRUTH)
def test_three_valued_logic(a, b, c):
    assert value("not(a and b)", a=a, b=b) is value("not(a) or not(b)", a=a, b=b)
    assert value("a and (b or c)", a=a, b=b, c=c) is value("(a and b) or (a and c)", a=a, b=b, c=c)
    assert value("a or b", a=a, b=b) is value("b or a", a=a, b=b)
    assert value("every x in [a, b, c] satisfies x", a=a, b=b, c=c) is value("a and b and c", a=a, b=b, c=c)
    assert value("any([a, b, c])", a=a, b=b, c=c) is value("a or b or c", a=a, b=b, c=c)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_decimal_laws(a, b, c):
    assert value("a + b - b = a", a=a, b=b)
    assert value("a * (b + c) = a * b + a * c", a=a, b=b, c=c)
    assert value("sum(a, b, c) = a + b + c", a=a, b=b, c=c)
    assert value("min(a, b, c) <= median(a, b, c) and median(a, b, c) <= max(a, b, c)", a=a, b=b, c=c)
    assert value("floor(a) <= a and a <= ceiling(a) and ceiling(a) - floor(a) <= 1", a=a)
    assert value("b = 0 or (modulo(a, b) = 0 or modulo(a, b) * b > 0)", a=a, b=b)
    assert value("b = 0 or floor(a / b) * b + modulo(a, b) = a", a=a, b=b)


@given(NUMBERS, NUMBERS)
def test_one_order(a, b):
    found = [value(f"a {operator} b", a=a, b=b) for operator in ("<", "=", ">")]
    assert found.count(True) == 1
    assert value("a <= b", a=a, b=b) is (found[0] or found[1])
    assert value("a != b", a=a, b=b) is not found[1]


ENDS = st.integers(0, 4).map(Decimal)
SHAPES = st.sampled_from(["[a..b]", "(a..b]", "[a..b)", "(a..b)"])


@given(ENDS, ENDS, ENDS, ENDS, SHAPES, SHAPES, ENDS)
@settings(max_examples=150)
def test_interval_algebra(a, b, c, d, first, second, x):
    r1, r2 = first, second.replace("a", "c").replace("b", "d")
    scope = {"a": min(a, b), "b": max(a, b) + 1, "c": min(c, d), "d": max(c, d) + 1, "x": x}

    def holds(text):
        return value(text.replace("r1", r1).replace("r2", r2), **scope)

    assert holds("after(r1, r2) = before(r2, r1)")
    assert holds("met by(r1, r2) = meets(r2, r1)")
    assert holds("during(r1, r2) = includes(r2, r1)")
    assert holds("finishes(r1, r2) = finished by(r2, r1)")
    assert holds("starts(r1, r2) = started by(r2, r1)")
    assert holds("coincides(r1, r2) = (during(r1, r2) and during(r2, r1))")
    assert holds("overlaps(r1, r2) = not(before(r1, r2) or after(r1, r2))")
    assert holds("includes(r1, x) = (x in r1)")
    assert holds("not(during(r1, r2) and x in r1) or x in r2")


@given(DATES, DURATIONS)
def test_dates_and_durations(day, length):
    whole = timedelta(days=length.days)
    assert value("d + l - l = d", d=day, l=whole)
    assert value("(d + l) - d = l", d=day, l=whole)


@given(MOMENTS, DURATIONS)
def test_moments_and_durations(moment, length):
    assert value("(m + l) - m = l", m=moment, l=length)
    assert value('(m + l > m) = (l > @"PT0S")', m=moment, l=length)
    assert value("date and time(string(m)) = m", m=moment) or moment.microsecond or moment.utcoffset() is not None


@given(ANYTHING, ANYTHING, st.sampled_from(["+", "-", "*", "/", "=", "!=", "<", "<=", ">", ">="]))
@settings(max_examples=150)
def test_types_choose_the_code_and_never_the_meaning(a, b, operator):
    """Whatever types an operand was compiled for, a value of another type gives what untyped code gives."""

    def run(types):
        env = Env(ENV.now)
        program = build(f"a {operator} b", types)
        result = program({"a": a, "b": b}, env)
        return to_json(result), [fault.message for fault in env.faults]

    plain = run({"a": ANY, "b": ANY})
    for kind in (NUMBER, STRING, DATE, DATE_TIME, DAYS_TIME, MoneyType("EUR")):
        assert run({"a": kind, "b": kind}) == plain
        assert run({"a": kind, "b": ANY}) == plain


def build(text, types):
    """A program for these types, faults against them left aside."""
    from engine.feel.codegen import build as compiled
    from engine.feel.infer import infer

    node = parse(text)
    return compiled(node, infer(node, types, {}, {}).types, {}, frozenset(types), frozenset(), {})


NAMES = st.sampled_from(["a", "b", "item", "x"]).map(ast.Name)
LEAVES = st.one_of(
    NAMES,
    st.just(ast.Null()),
    st.booleans().map(ast.Boolean),
    st.decimals(min_value=0, max_value=10**6, places=2).map(ast.Number),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5).map(ast.Text),
    st.just(ast.At("P1D")),
)


def grown(inner):
    pair = st.tuples(inner, inner)
    bindings = st.lists(
        st.builds(ast.Binding, st.sampled_from(["i", "j"]), inner | st.builds(ast.Span, inner, inner)),
        min_size=1,
        max_size=2,
    )
    return st.one_of(
        st.builds(ast.Arithmetic, st.sampled_from(["+", "-", "*", "/", "**"]), inner, inner),
        st.builds(ast.Compare, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), inner, inner),
        pair.map(ast.And),
        pair.map(ast.Or),
        st.builds(ast.Negate, inner),
        st.builds(ast.Between, inner, inner, inner),
        st.builds(
            ast.In, inner, st.lists(inner | st.builds(ast.Test, st.just(">"), inner), min_size=1, max_size=3).map(tuple)
        ),
        st.builds(ast.Path, inner, st.sampled_from(["a", "start included"])),
        st.builds(ast.Filter, inner, inner),
        st.builds(ast.If, inner, inner, inner),
        st.builds(ast.For, bindings.map(tuple), inner),
        st.builds(ast.Quantified, st.sampled_from(["some", "every"]), bindings.map(tuple), inner),
        st.builds(ast.Range, inner, inner, st.booleans(), st.booleans()),
        st.builds(
            ast.Call,
            st.sampled_from(["abs", "count", "f"]).map(ast.Name) | inner,
            st.lists(inner, max_size=3).map(tuple),
        ),
        st.lists(inner, max_size=3).map(tuple).map(ast.ListLiteral),
        st.builds(lambda value: ast.ContextLiteral((ast.Entry("k", value),)), inner),
        st.builds(lambda body: ast.FunctionLiteral((ast.Parameter("p"),), body), inner),
        st.builds(lambda value: ast.InstanceOf(value, ast.TypeName("list", (ast.TypeName("number"),))), inner),
    )


@given(st.recursive(LEAVES, grown, max_leaves=12))
@settings(max_examples=150)
def test_any_node_prints_to_text_that_parses_to_it(node):
    assert parse(unparse(node)) == node


@given(st.recursive(LEAVES, grown, max_leaves=12))
@settings(max_examples=150)
def test_any_node_compiles_and_runs(node):
    class Nothing(Record):
        def get(self, _name, default=None):
            return default

        def keys(self):
            return ()

    compile(node).run(Nothing(), Env(ENV.now))
