"""How much is taken on at once: requests under way, bytes of their bodies, requests of one key, time to send a body.

What is too much is refused before it is read, with the moment to come again; what was acknowledged is durable, so
whoever repeats what was refused loses nothing.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Final, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPReceiveMessage, Receive, Scope, Send

from api.problems import Faulty
from engine.settings.app import Limits

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
AGAIN_SECONDS: Final = 2
"""After how long a refused sender should come again."""
SILENCE_SECONDS: Final = 20.0
"""How long a sender may take to the next piece of its body."""
BODY_SECONDS: Final = 120.0
"""How long a whole body may take."""
_MOST_KEYS: Final = 10_000


class Gate:
    """Counts what is under way in one process."""

    def __init__(self, limits: Limits, *, silence: float = SILENCE_SECONDS, whole: float = BODY_SECONDS) -> None:
        self.limits = limits
        self.requests = 0
        self.bytes = 0
        self._silence = silence
        self._whole = whole

    def middleware(self, app: ASGIApp) -> ASGIApp:
        """Refuse what is too much, and end a body that does not come; requests that only read pass."""

        async def gated(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP or scope["method"] in READING:
                await app(scope, receive, send)
                return
            if self.requests >= self.limits.requests or self.bytes + _declared(scope) > self.limits.body_bytes:
                raise _busy()
            body = _Body(self, receive, self._silence, self._whole)
            self.requests += 1
            try:
                await app(scope, body.receive, send)
            finally:
                self.requests -= 1
                self.bytes -= body.bytes

        return gated


class _Body:
    """One body as it comes in."""

    def __init__(self, gate: Gate, receive: Receive, silence: float, whole: float) -> None:
        self.bytes = 0
        self._gate = gate
        self._receive = receive
        self._silence = silence
        self._ends = monotonic() + whole
        self._more = True

    async def receive(self) -> HTTPReceiveMessage:
        """Return the next piece; raises Faulty 408 when it does not come and 503 when all of them are too much."""
        if not self._more:
            return cast("HTTPReceiveMessage", await self._receive())
        try:
            async with asyncio.timeout(max(0.0, min(self._silence, self._ends - monotonic()))):
                message = cast("HTTPReceiveMessage", await self._receive())
        except TimeoutError as error:
            raise Faulty(408, "slow-body", "The body came too slowly.", headers={"Connection": "close"}) from error
        if message["type"] == "http.request":
            self._more = message["more_body"]
            self._count(len(message["body"]))
        return message

    def _count(self, size: int) -> None:
        self.bytes += size
        self._gate.bytes += size
        if self._gate.bytes > self._gate.limits.body_bytes:
            raise _busy()


class Rates:
    """How often each key asks: a bucket that fills with `rate` a second and holds ten seconds of it."""

    def __init__(self, rate: float | None, clock: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> int:
        """Count a request; return how many seconds the key must wait, 0 when it may go on."""
        if self._rate is None:
            return 0
        now, most = self._clock(), max(1.0, self._rate * 10)
        left, since = self._buckets.pop(key, (most, now))
        left = min(most, left + (now - since) * self._rate)
        spent = left >= 1
        self._buckets[key] = (left - spent, now)
        if len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)
        return 0 if spent else max(1, round((1 - left) / self._rate))


def _busy() -> Faulty:
    return Faulty(
        503, "busy", "More is under way than the layer takes on at once; nothing of this was taken in.",
        headers={"Retry-After": str(AGAIN_SECONDS)},
    )  # fmt: skip


def _declared(scope: Scope) -> int:
    """Return how long the body says it is, 0 when it does not."""
    told = dict(scope["headers"]).get(b"content-length", b"")
    return int(told) if told.isdigit() and len(told) < 20 else 0
