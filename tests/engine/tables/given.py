"""Tables from a few lines of text."""

from datetime import UTC, datetime

from engine.feel import Env
from engine.source import convert, parse_yaml
from engine.tables import Table, compile_table

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def written(text, name="t"):
    table, problems = convert(parse_yaml(f"format: 1\nname: {name}\n{text}".encode(), "t.yaml"), Table)
    assert not problems, problems
    return table


def table(text, types=None, functions=None):
    return compile_table(written(text), types, functions)


def rows(hit, inputs, *lines, outputs="[{name: out}]"):
    """A table of lines such as `< 5 | "a" -> 1`."""
    body = ""
    for line in lines:
        when, _, then = line.partition("->")
        cells = [", ".join(f"'{cell.strip()}'" for cell in side.split("|")) for side in (when, then)]
        body += f"  - {{when: [{cells[0]}], then: [{cells[1]}]}}\n"
    return table(f"hit: {hit}\ninputs: {inputs}\noutputs: {outputs}\nrows:\n{body}")


def env():
    return Env(NOW)
