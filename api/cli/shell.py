"""What every command shares: output in two forms, exit codes, the opened layer, and no traceback ever."""

import asyncio
import os
import shlex
import sys
import tempfile
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, NoReturn, ParamSpec, TypeVar

import click

from engine.ports import Clock, SourceDown, StoreUnavailable
from engine.source.problem import ConfigError, Problem

if TYPE_CHECKING:  # slow to import, and help needs neither
    from api.facade import Layer
    from api.views import Actor

GOOD, FAULTS, USAGE, UNDONE = 0, 1, 2, 3
P = ParamSpec("P")
R = TypeVar("R")


class Undone(Exception):
    """It could not be done; nothing is lost, try again."""


class Shell:
    """One call of the command line: where the home is and how to answer."""

    def __init__(self, home: Path, *, as_json: bool) -> None:
        self.home = home
        self.as_json = as_json

    def say(self, text: str = "") -> None:
        """Print human text: on stdout, or on stderr when stdout is JSON."""
        click.echo(text, err=self.as_json)

    def give(self, value: object) -> None:
        """Print the answer as JSON, when that is asked for."""
        if self.as_json:
            from api.render import to_bytes

            click.echo(to_bytes(value).decode())

    def table(self, rows: Sequence[Sequence[object]], header: Sequence[str]) -> None:
        """Print aligned columns."""
        lines = [[str(cell) for cell in row] for row in (header, *rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
        for line in lines:
            self.say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())

    def progress(self, text: str) -> None:
        """Overwrite one line of progress on stderr, when that is a terminal."""
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{text}", err=True, nl=False)

    def problems(self, problems: Sequence[Problem]) -> None:
        """Print faults, one below the other."""
        for problem in problems:
            self.say(str(problem))

    @asynccontextmanager
    async def layer(self, clock: Clock | None = None) -> "AsyncIterator[Layer]":
        """Open the layer on this home; raises ConfigError or Undone."""
        from api.bootstrap import open_layer
        from api.clock import SystemClock

        async with open_layer(self.home, clock or SystemClock()) as layer:
            yield layer

    def actor(self, layer: "Layer", person: str = "") -> "Actor":
        """Return who acts: a configured person, or the local admin, for whoever reads the home's files is trusted."""
        from api.views import Actor

        if not person:
            return Actor(id="local", roles=frozenset({"admin"}), channel="cli", name="local")
        for each in layer.people():
            if each.id == person:
                return Actor(
                    id=each.id,
                    roles=frozenset(each.roles),
                    channel="cli",
                    name=each.name,
                    rulesets=each.rulesets,
                    amount_limit=each.amount_limit,
                )
        raise click.UsageError(f"There is no person {person!r} in config/people.yaml.")


def leave(code: int) -> NoReturn:
    """End the command with an exit code."""
    raise click.exceptions.Exit(code)


def shelled(command: Callable[Concatenate[Shell, P], Awaitable[R]]) -> Callable[P, R]:
    """Let a coroutine be a command body: it gets the Shell first and runs on a loop of its own."""

    @wraps(command)
    def body(*arguments: P.args, **options: P.kwargs) -> R:
        shell = click.get_current_context().find_object(Shell)
        assert shell is not None
        return asyncio.run(_await(command(shell, *arguments, **options)))

    return body


async def _await(work: Awaitable[R]) -> R:
    return await work


def run(command: click.Command, arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; whatever happens is told in a line or a few, never as a traceback."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = command.main(arguments, prog_name="opslayer", standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return UNDONE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return GOOD
    except ConfigError as error:
        return _say(f"{error}")
    except (Undone, SourceDown, StoreUnavailable) as error:
        return _say(f"Could not be done: {error}")
    except Exception as error:  # noqa: BLE001  (the last line before the user)
        return _unexpected(error, arguments)
    return code if isinstance(code, int) else GOOD


def _say(text: str) -> int:
    click.echo(text, err=True)
    return UNDONE


def _unexpected(error: Exception, arguments: list[str]) -> int:
    try:
        handle, path = tempfile.mkstemp(prefix="opslayer-error-", suffix=".log", text=True)
        with os.fdopen(handle, "w", encoding="utf-8") as log:
            log.write(f"opslayer {shlex.join(arguments)}\n")
            traceback.print_exception(error, file=log)
    except OSError:  # a full disk may be what went wrong
        return _say(f"Could not be done: {_reason(error)}")
    return _say(f"Could not be done: {_reason(error)} (details in {path})")


def _reason(error: Exception) -> str:
    text = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__
