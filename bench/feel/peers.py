"""The peers as functions from a case to a callable without arguments; one that is not installed answers None."""

from datetime import date, datetime
from decimal import Decimal

from expressions import NOW, SCOPE

from engine.feel import Env, compile
from engine.feel.types import BOOLEAN, DATE, DATE_TIME, NUMBER, STRING, ContextType, ListType

LINE = ContextType({"status": STRING, "amount": NUMBER, "days_late": NUMBER}, "line")
TYPES = {
    **dict.fromkeys(("days_overdue", "amount", "limit", "discount", "quantity", "missing"), NUMBER),
    **dict.fromkeys(("status", "risk", "country", "email", "name"), STRING),
    **dict.fromkeys(("disputed", "vip"), BOOLEAN),
    "due": DATE,
    "last_contact": DATE_TIME,
    "tags": ListType(STRING),
    "lines": ListType(LINE),
    "customer": ContextType({"risk": STRING, "balance": NUMBER, "segment": STRING, "since": DATE}, "customer"),
}


def by_hand(case):
    """The function an engineer would write."""
    return lambda: case.hand(SCOPE)


def ours(case):
    """Compiled FEEL against the types of the scope."""
    run, env = compile(case.feel, TYPES).run, Env(NOW)
    return lambda: run(SCOPE, env)


def ours_untyped(case):
    """Compiled FEEL that knows nothing of its scope."""
    run, env = compile(case.feel).run, Env(NOW)
    return lambda: run(SCOPE, env)


def plain(value):
    """A value with floats, as JSON would carry it."""
    match value:
        case Decimal():
            return float(value)
        case list():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case date() | datetime():
            return value.isoformat()
    return value


def zen_engine(case):
    """ZEN's Rust expressions, compiled once; its call takes the scope over from Python each time, most of its cost."""
    import zen

    expression, scope = zen.compile_expression(case.zen), plain(SCOPE)
    return lambda: expression.evaluate(scope)


def cel_python(case):
    """CEL, compiled once, its scope converted once."""
    import celpy

    environment = celpy.Environment()
    program = environment.program(environment.compile(case.cel))
    scope = celpy.json_to_cel(plain(SCOPE))
    return lambda: bool(answer) if isinstance(answer := program.evaluate(scope), int) else answer


def pysfeel(case):
    """pySFeel, which parses whenever it evaluates."""
    import pySFeel

    parser = pySFeel.SFeelParser()
    for name, value in plain(SCOPE).items():
        parser.sFeelParse(f"{name} <- {_literal(value)}")
    return lambda: parser.sFeelParse(case.plain)[1]


def _literal(value):
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case list():
            return f"[{', '.join(map(_literal, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}: {_literal(item)}' for key, item in value.items())}}}"
    return str(value)


def bkflow_feel(case):
    """bkflow-feel, parsed once to its tree."""
    import bkflow_feel

    tree = bkflow_feel.transformer.transform(bkflow_feel.parser.parse(case.plain))
    scope = plain(SCOPE)
    return lambda: tree.evaluate(scope)


PEERS = {
    "by hand": (by_hand, "feel"),
    "opslayer": (ours, "feel"),
    "opslayer untyped": (ours_untyped, "feel"),
    "zen-engine": (zen_engine, "zen"),
    "cel-python": (cel_python, "cel"),
    "bkflow-feel": (bkflow_feel, "plain"),
    "pySFeel": (pysfeel, "plain"),
}
