"""What an expression is asked over: a context that was given, or an entity of the live model."""

import functools
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click

from api.facade import Layer
from api.layer.evaluating import Evaluating
from api.outcomes import Refused
from engine.feel import Env, FeelError, FeelSyntaxError, Value, compile, evaluate, parse, to_value
from engine.feel.runtime.kinds import kind
from engine.feel.types import ANY
from engine.source import parse_yaml, plain


@dataclass(frozen=True, slots=True)
class Answer:
    """A value with its type and reads; `fault` tells why it is null, `refused` why there is none."""

    value: Value = None
    type: str = ""
    reads: tuple[str, ...] = ()
    fault: str = ""
    refused: str = ""

    def about(self) -> Iterator[str]:
        """Return what is told besides the value, line by line."""
        if self.fault:
            yield f"fault: {self.fault}"
        yield f"type: {self.type}"
        if self.reads:
            yield f"reads: {', '.join(self.reads)}"


def over_context(given: tuple[str, str]) -> Callable[[str], Awaitable[Answer]]:
    """Return what evaluates over a context; raises UsageError when the text is none."""
    return functools.partial(_over, _context(*given))


def _context(text: str, ending: str) -> dict[str, Value]:
    found: Any
    if ending in (".yaml", ".yml"):
        document = parse_yaml(text.encode(), "--context")
        if document.problems or document.root is None:
            raise click.UsageError("\n".join(map(str, document.problems)) or "--context is empty.")
        found = to_value(plain(document.root))
    else:
        try:
            found = evaluate(text)
        except FeelSyntaxError as error:
            raise click.UsageError(f"--context is no FEEL context: {error}") from error
    if not isinstance(found, dict):
        raise click.UsageError("--context must be a context, e.g. {a: 1}.")
    return found


async def _over(context: dict[str, Value], text: str) -> Answer:
    env = Env(datetime.now(UTC))
    try:
        program = compile(parse(text, names=set(_names(context))))
    except FeelError as error:
        return Answer(refused=f"No FEEL expression: {error}")
    value = program.run(context, env)
    type = str(program.type if program.type != ANY else kind(value))
    reads = tuple(sorted(".".join(path) for path in program.reads))
    return Answer(value, type, reads, env.faults[0].message if env.faults else "")


def _names(value: Value) -> Iterator[str]:
    """Return the names in a context and in what it holds, for those with spaces are read as one only when known."""
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _names(part)
    yield from value if isinstance(value, dict) else ()


def over_entity(layer: Layer, entity: str) -> Callable[[str], Awaitable[Answer]]:
    """Return what evaluates over an entity of an opened layer."""
    assert isinstance(layer, Evaluating)
    return functools.partial(_asked, layer, entity)


async def _asked(layer: Evaluating, entity: str, text: str) -> Answer:
    found = await layer.evaluate(entity, text)
    if isinstance(found, Refused):
        return Answer(refused="\n".join(": ".join(filter(None, (each.message, each.hint))) for each in found.problems))
    return Answer(found.value, found.type, found.reads, found.unresolved)
