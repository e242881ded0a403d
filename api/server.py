"""One process that serves a layer: uvicorn, the clockwork, a first sign-in link, an orderly end."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import uvicorn

from api.app import create_app, create_watch_app
from api.clock import SimulatedClock
from api.connections import BoundedProtocol
from api.facade import Layer
from api.limits import Gate, Rates
from api.schedule import clockwork
from api.served import Served
from api.telemetry import telling

_FIRST_HANDED = 3


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the loop, so that the layer is closed after the last answer."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """Return a bound socket; raises OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(512)
    except OSError:
        listening.close()
        raise
    return listening


def handed_over() -> socket.socket | None:
    """Return the listening socket that whoever started this process holds open, None when there is none.

    It stays open while the process is replaced, so connections wait instead of being refused. As systemd does it:
    https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    return socket.socket(fileno=_FIRST_HANDED)


async def serve_layer(
    layer: Layer,
    listening: socket.socket,
    *,
    secure: bool,
    simulated: bool,
    link: bool,
    working: bool = True,
    watched_only: bool = False,
    proxies: Sequence[str] = (),
    announce: Callable[[dict[str, str]], None],
) -> None:
    """Serve until SIGINT or SIGTERM, then finish the requests under way; the caller closes the layer.

    `link`: offer a sign-in that works once, for whoever reads this process's output. `working`: False leaves syncs,
    timers and dispatch to other processes. `watched_only`: answer for health and metrics alone. `proxies`: addresses
    and networks that are believed when they tell whom they speak for.
    """
    limits = layer.limits
    served = Served(layer, secure=secure, gate=Gate(limits), rates=Rates(limits.rate))
    app = create_watch_app(served) if watched_only else create_app(served)
    server = server_of(app, proxies, most=limits.connections)
    _stop_on_signals(server, served)
    urls = {"url": _url(listening)}
    if link:
        urls["sign_in"] = f"{urls['url']}/sign-in/once/{served.links.make()}"
    by_hand = simulated or isinstance(layer.clock, SimulatedClock)
    with telling():
        await _run(
            layer,
            served,
            server,
            listening,
            by_hand=by_hand,
            working=working,
            watched_only=watched_only,
            announce=lambda: announce(urls),
        )


async def _run(
    layer: Layer,
    served: Served,
    server: uvicorn.Server,
    listening: socket.socket,
    *,
    by_hand: bool,
    working: bool,
    watched_only: bool,
    announce: Callable[[], None],
) -> None:
    async with clockwork(layer, served.metrics, simulated=by_hand, working=working):
        announce()
        warming = None if watched_only else asyncio.create_task(_warm(layer))
        await server.serve(sockets=[listening])
        if warming is not None:
            warming.cancel()
        await served.works.aclose()


async def _warm(layer: Layer) -> None:
    """Read what the first pages need before anybody asks; who asks meanwhile is served."""
    with contextlib.suppress(Exception):  # a page that needs it reads it then, and tells what is wrong
        await layer.warm()


def server_of(app: Any, proxies: Sequence[str] = (), **bounds: float) -> uvicorn.Server:  # noqa: ANN401  (ASGI)
    """Return a server for an application; `bounds` are those of BoundedProtocol, `proxies` as in serve_layer."""
    return _Server(
        uvicorn.Config(
            app,
            http=type("Protocol", (BoundedProtocol,), bounds),
            log_config=None,
            access_log=False,
            lifespan="auto",
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            timeout_graceful_shutdown=10,
        )
    )


def _stop_on_signals(server: uvicorn.Server, served: Served) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no loop signal handlers
            loop.add_signal_handler(number, _stop, server, served)


def _stop(server: uvicorn.Server, served: Served) -> None:
    served.closing.set()
    server.should_exit = True


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
