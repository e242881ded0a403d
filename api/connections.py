"""A connection of a client that may be slow, silent or one of too many; uvicorn itself bounds only its idle time.

`https://www.uvicorn.org/settings/#timeouts` has no limit for request headers nor for answers that nobody reads.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEAD_SECONDS: Final = 15.0
"""How long a client may take from its first byte, or from the connection's begin, to the end of a request's head.

Also how long it may go on sending a body that was answered before its end.
"""
READ_SECONDS: Final = 60.0
"""How long a client may leave an answer unread."""
LAST_SECONDS: Final = 1.0
"""How long a connection without a request may still send one while the process ends."""
MOST: Final = 1000
"""Connections of one process; further ones are closed at once."""


def _at_once(transport: asyncio.Transport) -> None:
    """Let an answer's body follow its head at once; else it waits 40 ms for the client to acknowledge the head.

    asyncio does so by itself, but not for the sockets that come of a listening one which is handed to it.
    """
    connected = transport.get_extra_info("socket")
    if connected is not None and connected.family in (socket.AF_INET, socket.AF_INET6):
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class _Timer:
    """Something that happens unless it is stopped before."""

    def __init__(self, loop: asyncio.AbstractEventLoop, does: Callable[[], None]) -> None:
        self._loop = loop
        self._does = does
        self._handle: asyncio.TimerHandle | None = None

    @property
    def runs(self) -> bool:
        """Whether it was begun and not stopped."""
        return self._handle is not None

    def begin(self, seconds: float) -> None:
        """Begin, anew when it runs."""
        self.stop()
        self._handle = self._loop.call_later(seconds, self._does)

    def stop(self) -> None:
        """Let it not happen."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with bounds on time and number; the bounds are attributes so that a test may lower them."""

    head_seconds = HEAD_SECONDS
    read_seconds = READ_SECONDS
    last_seconds = LAST_SECONDS
    most = MOST

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401  (uvicorn's)
        super().__init__(*arguments, **named)
        self._head = _Timer(self.loop, self._give_up)
        self._unread = _Timer(self.loop, self._abort)
        self._unwanted = _Timer(self.loop, self._abort)
        self._ending = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # (uvicorn's own)
        """Begin the time for the first request's head, unless there are too many already."""
        super().connection_made(transport)
        _at_once(transport)
        if len(self.connections) > self.most:
            transport.abort()
        else:
            self._head.begin(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the timers."""
        self._head.stop()
        self._unread.stop()
        self._unwanted.stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Begin the time for a head with its first byte, and end it with its last."""
        super().data_received(data)
        if self._ending and self._under_way():
            self.cycle.keep_alive = False
        if self.conn.their_state is not h11.SEND_BODY:
            self._unwanted.stop()
        self._time_head()

    def on_response_complete(self) -> None:
        """Begin the time of a head that came in behind its predecessor, or of what is left of a body."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY:
            self._unwanted.begin(self.head_seconds)
        self._time_head()

    def shutdown(self) -> None:
        """End after the request under way; one that may be on its way has a moment to arrive and is answered."""
        self._ending = True
        if self._under_way():
            self.cycle.keep_alive = False
        else:
            self._unset_keepalive_if_required()
            self._head.begin(self.last_seconds)

    def pause_writing(self) -> None:
        """Begin the time for the client to read."""
        super().pause_writing()
        self._unread.begin(self.read_seconds)

    def resume_writing(self) -> None:
        """End it."""
        self._unread.stop()
        super().resume_writing()

    def _time_head(self) -> None:
        if self._under_way():
            self._head.stop()
        elif not self._head.runs and self.conn.trailing_data[0]:
            self._head.begin(self.head_seconds)

    def _under_way(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _give_up(self) -> None:
        if not self._under_way():
            self.transport.close()

    def _abort(self) -> None:
        self.transport.abort()
