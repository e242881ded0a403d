"""Throw random expressions at FEEL and count what comes back: `python bench/feel/fuzz.py [count] [seed]`.

Three sources: expressions from the grammar, the same with characters and tokens disturbed, and token soup. A value or
FeelSyntaxError is an answer; anything else raised is an internal fault, printed and the reason for exit status 1.
"""

import json
import random
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime

from engine.feel import Env, FeelSyntaxError, FeelTypeError, Limits, compile, parse, to_json, to_value, unparse
from engine.feel.signatures import BUILTIN_NAMES
from engine.feel.types import NUMBER, STRING, ContextType, ListType, MoneyType

LEAVES = [
    *("0", "1", "-1", "2.5", "1e3", "9e6144", ".5", "null", "true", "false", '""', '"a"', '"(a+)+$"', r'"\u0041\d"'),
    *('@"2020-01-31"', '@"10:00:00@Europe/Paris"', '@"2021-03-28T02:30:00@Europe/Paris"', '@"P1D"', '@"-P1Y2M"'),
    *('@"-999999999-01-01"', '@"P999999999D"', '@"2020-01-01T00:00:00Z"', '@"nothing"', "[]", "{}", "[1..5]", "(< 3)"),
    *("x", "n", "s", "items", "record.name", "items.price", "item", "?", "partial", "a b", "now()", "today()"),
]
BINARY = ["+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", " and ", " or ", " in "]
TOKENS = [*LEAVES, *BINARY, *"()[]{},:.", "..", "if", "then", "else", "for", "return", "some", "satisfies", "function"]
TYPES = ["number", "string", "list<Any>", "context<a: number>", "date and time", "range<number>", "function<> -> Any"]
CONTEXT = {
    "x": None,
    "n": 3,
    "s": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
    "items": [{"price": 1, "name": "p"}, {"price": 2.5, "name": "q"}, {"price": None}],
    "record": {"name": "r"},
    "a b": 7,
}
MODEL = {
    "n": NUMBER,
    "s": STRING,
    "items": ListType(ContextType({"price": MoneyType("EUR"), "name": STRING}, "item")),
    "record": ContextType({"name": STRING}, "record"),
}


def expression(rng, depth):
    """A random expression that follows the grammar, most of the time."""
    if depth <= 0 or rng.random() < 0.12:
        return rng.choice(LEAVES)

    def part():
        return expression(rng, depth - 1)

    match rng.randrange(14):
        case 0 | 1 | 2:
            return f"({part()}{rng.choice(BINARY)}{part()})"
        case 3:
            return f"{part()}[{part()}]"
        case 4:
            return f"if {part()} then {part()} else {part()}"
        case 5:
            return f"for i in {part()} return {part()}"
        case 6:
            return f"{rng.choice(['some', 'every'])} item in {part()} satisfies {part()}"
        case 7:
            return f"[{', '.join(part() for _ in range(rng.randrange(4)))}]"
        case 8:
            return f"{{a: {part()}, b c: {part()}}}.{rng.choice(['a', 'b c', 'year', 'start included'])}"
        case 9:
            return f"(function(a, b) {part()})({part()}, {part()})"
        case 10:
            return f"({part()} between {part()} and {part()})"
        case 11:
            return f"({part()} instance of {rng.choice(TYPES)})"
        case 12:
            return f"({part()} in (> {part()}, [{part()}..{part()}), {part()}))"
    name = rng.choice(BUILTIN_NAMES)
    return f"{name}({', '.join(part() for _ in range(rng.randrange(4)))})"


def disturbed(rng, text):
    """The text with a few characters lost, doubled, swapped or replaced."""
    characters = list(text)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(characters) + 1)
        what = rng.choice(["", rng.choice(TOKENS), chr(rng.randrange(32, 0x2FFF)), rng.choice("()[]{}\"'\\.-")])
        characters[at : at + rng.randrange(3)] = list(what)
    return "".join(characters)


def soup(rng):
    """Tokens in any order, sometimes very many of one kind."""
    if rng.random() < 0.02:
        return rng.choice(
            ["(", "[", "-", "{a:", "not(", "1+", "if 1 then ", "x[", "for i in ", '"a"+']
        ) * rng.randrange(2000)
    return " ".join(rng.choice(TOKENS) for _ in range(rng.randrange(1, 14)))


def outcome(text, scope, env, rng):
    """What one expression comes to; raises only for internal faults."""
    unary = rng.random() < 0.1
    try:
        node = parse(text, names=("a b",), unary=unary)
        if parse(unparse(node), names=("a b",), unary=unary) != node:
            return "round trip lost"
        program = compile(node, None, unary=unary)
    except FeelSyntaxError:
        return "syntax error"
    before = len(env.faults)
    value = program.run(scope, env)
    try:
        to_json(value)
    except ValueError:
        return "value too large for JSON"
    with suppress(FeelTypeError, FeelSyntaxError):
        compile(node, MODEL)
    return "null with fault" if len(env.faults) > before else "null" if value is None else "value"


def run(count, seed):
    """Counts by outcome, and the first internal faults with what caused them."""
    rng = random.Random(seed)
    scope = to_value(CONTEXT)
    limits = Limits(steps=20_000, items=10_000, characters=10_000, regex_seconds=0.05)
    counts, internal, slowest = Counter(), [], (0.0, "")
    for _ in range(count):
        kind = rng.random()
        text = soup(rng) if kind < 0.15 else expression(rng, rng.randrange(1, 6))
        text = disturbed(rng, text) if kind > 0.75 else text
        began = time.perf_counter()
        env = Env(datetime(2026, 1, 5, tzinfo=UTC), limits=limits)
        try:
            counts[outcome(text, scope, env, rng)] += 1
        except Exception as fault:  # noqa: BLE001  (finding any is the purpose)
            counts["internal fault"] += 1
            internal.append({"expression": text[:500], "fault": f"{type(fault).__name__}: {fault}"[:300]})
        slowest = max(slowest, (time.perf_counter() - began, text[:200]))
    return {"counts": dict(counts), "internal": internal[:20], "slowest": slowest}


if __name__ == "__main__":
    report = run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    print(json.dumps(report, indent=2))
    sys.exit(1 if report["internal"] or report["counts"].get("round trip lost") else 0)
