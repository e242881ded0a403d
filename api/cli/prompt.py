"""The prompt of `opslayer feel`: lines of FEEL, answered one by one."""

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import click

from api.cli.feeling import Answer
from api.render import literal

HELP = """An expression is evaluated when its brackets are closed.
:type EXPR   its type          :reads EXPR   what it reads
:help        this text         :quit         leave (or Ctrl-D)
Without EXPR, :type and :reads are about the last one."""
_PAIRS = {")": "(", "]": "[", "}": "{"}


async def talk(ask: Callable[[str], Awaitable[Answer]], home: Path) -> None:
    """Read expressions until the end and print what they give."""
    last = "null"
    with _history(home):
        while (line := _read()) is not None:
            command, _, rest = line.partition(" ") if line.startswith(":") else ("", "", line)
            if command in (":quit", ":q"):
                return
            if command == ":help" or (command and command not in (":type", ":reads")):
                click.echo(HELP)
            elif command or line.strip():
                last = rest.strip() or last
                _print(command, await ask(last))


def _print(command: str, answer: Answer) -> None:
    if answer.refused:
        click.echo(answer.refused, err=True)
    elif command == ":type":
        click.echo(answer.type)
    elif command == ":reads":
        click.echo(", ".join(answer.reads) or "nothing")
    else:
        click.echo(literal(answer.value))
        if answer.fault:
            click.echo(f"fault: {answer.fault}", err=True)


def _read() -> str | None:
    """Read one expression, over several lines while brackets are open; None at the end, "" when it is abandoned."""
    lines: list[str] = []
    try:
        while not lines or is_open("\n".join(lines)):
            lines.append(input("... " if lines else "feel> "))
    except EOFError:
        return None
    except KeyboardInterrupt:
        click.echo()
        return ""
    return "\n".join(lines)


def is_open(text: str) -> bool:
    """Whether a bracket, outside of texts, waits for its other half."""
    waiting: list[str] = []
    for letter in _outside_texts(text):
        if letter in "([{":
            waiting.append(letter)
        elif letter in _PAIRS and waiting and waiting[-1] == _PAIRS[letter]:
            waiting.pop()
    return bool(waiting)


def _outside_texts(text: str) -> Iterator[str]:
    quoted = escaped = False
    for letter in text:
        if escaped:
            escaped = False
        elif quoted and letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif not quoted:
            yield letter


@contextlib.contextmanager
def _history(home: Path) -> Iterator[None]:
    """Keep what was typed in the home's own folder, where the layer has made one."""
    try:
        import readline
    except ImportError:  # not on every platform; the prompt works without
        yield
        return
    file = home / ".opslayer" / "feel_history"
    with contextlib.suppress(OSError):
        readline.read_history_file(file)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            if file.parent.is_dir():
                readline.set_history_length(1000)
                readline.write_history_file(file)
