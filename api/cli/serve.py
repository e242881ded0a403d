"""serve: the API, the web page and the clockwork, until stopped."""

from datetime import datetime
from ipaddress import ip_network
from typing import Literal

import click

from api.cli.shell import Shell, Undone, shelled

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where to listen; keep to loopback without a TLS proxy."
)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--clock", type=click.Choice(["system", "simulated"]), default="system", show_default=True)
@click.option(
    "--at", default="", metavar="MOMENT", help="Where a simulated clock starts, e.g. 2026-01-05T08:00:00+03:00."
)
@click.option(
    "--proxy", "proxies", multiple=True, metavar="ADDRESS", callback=lambda *given: _networks(given[2]),
    help="Address or network of the proxy, which is believed whom it speaks for; may be repeated.",
)  # fmt: skip
@click.option("--https", is_flag=True, help="Cookies only over https; for use behind a TLS proxy.")
@click.option(
    "--log",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="A file with warnings on stderr, or all as JSON lines on stderr.",
)
@click.option("--no-work", is_flag=True, help="Leave syncs, timers and dispatch to `opslayer worker` processes.")
@shelled
async def serve(
    shell: Shell,
    host: str,
    port: int,
    clock: str,
    at: str,
    log: Literal["text", "json"],
    *,
    proxies: tuple[str, ...],
    https: bool,
    no_work: bool,
) -> None:
    """Run the layer with its API and web page until Ctrl-C; several may run on one database.

    Example: opslayer --home acme serve --port 8000
    """
    from api.clock import SimulatedClock, SystemClock
    from api.logs import configure
    from api.server import handed_over, listen, serve_layer

    simulated = clock == "simulated"
    if simulated != bool(at):
        raise click.UsageError("--clock simulated needs --at MOMENT, and --at needs --clock simulated.")
    ticking = SimulatedClock(_moment(at)) if simulated else SystemClock()
    try:
        socket = handed_over() or listen(host, port)
    except OSError as error:
        raise Undone(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    configure(shell.home, log)
    async with shell.layer(ticking) as layer:
        await serve_layer(
            layer,
            socket,
            secure=https,
            simulated=simulated,
            link=host in LOOPBACK and log == "text",  # what is kept as JSON is no place for what opens a door
            working=not no_work,
            proxies=proxies,
            announce=lambda urls: _announce(shell, urls),
        )


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where health and metrics are told.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="For health and metrics; 0 takes a free one.")
@click.option("--log", type=click.Choice(["text", "json"]), default="text", show_default=True, help="As for serve.")
@shelled
async def worker(shell: Shell, host: str, port: int, log: Literal["text", "json"]) -> None:
    """Sync, keep time and dispatch, without API and web page, until Ctrl-C; run as many as you like on one database.

    Example: opslayer --home acme worker --log json
    """
    from api.clock import SystemClock
    from api.logs import configure
    from api.server import listen, serve_layer

    try:
        socket = listen(host, port)
    except OSError as error:
        raise Undone(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    configure(shell.home, log)
    async with shell.layer(SystemClock()) as layer:
        await serve_layer(
            layer,
            socket,
            secure=False,
            simulated=False,
            link=False,
            watched_only=True,
            announce=lambda urls: _announce_worker(shell, urls),
        )


def _announce_worker(shell: Shell, urls: dict[str, str]) -> None:
    shell.say(f"Working; health and metrics at {urls['url']}  (Ctrl-C ends)")
    shell.give(urls)


def _networks(given: tuple[str, ...]) -> tuple[str, ...]:
    for each in given:
        try:
            ip_network(each)
        except ValueError as error:
            raise click.UsageError(f"--proxy {each}: {error}; write 127.0.0.1 or 10.0.0.0/8.") from error
    return given


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"{text!r} is no moment; write 2026-01-05T08:00:00+03:00.") from error
    if moment.tzinfo is None:
        raise click.UsageError(f"{text} needs its offset, e.g. {text}+03:00.")
    return moment


def _announce(shell: Shell, urls: dict[str, str]) -> None:
    shell.say(f"Serving {urls['url']}  (Ctrl-C ends)")
    if "sign_in" in urls:
        shell.say(f"Sign in once, as admin: {urls['sign_in']}")
    shell.give(urls)
