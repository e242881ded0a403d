"""Sending requests: signed, within limits, tried again when that is safe; what came back is judged."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import httpx
import msgspec
import tenacity

from connectors.budget import Allowance, Busy, Lane
from connectors.http.answer import Answer, answer
from connectors.http.authentication import signers
from connectors.http.bounded import send
from connectors.http.errors import Judge, Judged
from connectors.http.limits import Breaker
from connectors.http.settings import HttpSource
from connectors.settings import Surroundings
from engine.ports import NotGiven, SourceDown

LOG = logging.getLogger(__name__)
CONNECT_SECONDS = 5.0
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)
AGAIN = frozenset({"throttled", "unavailable", "uncertain"})


class Failed(Exception):
    """A read came to nothing this time; `judged` says how, and whether another try makes sense."""

    def __init__(self, judged: Judged, status: int = 0) -> None:
        super().__init__(judged.detail)
        self.judged = judged
        self.status = status


class Request(msgspec.Struct, frozen=True):
    """One request; `content` is JSON."""

    path: str
    method: str = "GET"
    params: Mapping[str, str | int] = {}
    content: bytes | None = None
    headers: Mapping[str, str] = {}


class Transport:
    """The way to one API."""

    def __init__(
        self, name: str, settings: HttpSource, surroundings: Surroundings, client: httpx.AsyncClient | None
    ) -> None:
        self._name = name
        self._base = settings.url.rstrip("/") + "/"
        self._aliases = frozenset(settings.aliases)
        self._timeout = settings.timeout.total_seconds()
        self._limits = each = settings.limits
        self._judge = Judge(name, settings.errors, surroundings)
        windows = [Allowance(each.rate, each.per), *(Allowance(more.rate, more.per) for more in each.also)]
        self._budget = surroundings.budgets.get(each.budget or name, windows, each.reserve, each.concurrent)
        self._breaker = Breaker(name, settings.limits.rest_after, settings.limits.rest)
        timeout = httpx.Timeout(self._timeout, connect=min(self._timeout, CONNECT_SECONDS))
        self._client = client or httpx.AsyncClient(timeout=timeout)
        self._headers = {"Accept": "application/json", **settings.headers}
        self._signers = signers(name, settings.auth, surroundings, self._client, self._build, self._timeout)
        self._signing = asyncio.Lock()

    def url(self, path: str) -> str:
        """Return the address of a path; raises SourceDown for another server, which must not see our credentials."""
        url = urljoin(self._base, path if "://" in path else path.lstrip("/"))
        base, target = httpx.URL(self._base), httpx.URL(url)
        if target.netloc.decode() in self._aliases:
            return str(target.copy_with(scheme=base.scheme, netloc=base.netloc))
        if (base.scheme, base.host, base.port) != (target.scheme, target.host, target.port):
            raise SourceDown(f"{self._name} names {target.netloc.decode()}, which is not where its credentials belong")
        return url

    async def read(self, request: Request, lane: Lane) -> Answer:
        """Read; tries again with growing, jittered pauses or after Retry-After. Raises SourceDown, Expired."""
        self._breaker.check()
        try:
            found: Answer = await self._retrying()(self._read, request, lane)
        except Failed as failed:
            if failed.judged.means == "expired":
                raise Expired(failed.judged.detail) from failed
            if failed.judged.means == "rejected":
                raise NotGiven(f"{self._name}: {failed.judged.detail}", failed.judged.status) from failed
            self._breaker.failed()
            raise SourceDown(f"{self._name}: {failed.judged.detail}") from failed
        self._breaker.succeeded()
        return found

    async def write(self, request: Request) -> tuple[Answer | None, Judged]:
        """Write once; no answer means it was not sent (`unavailable`) or nobody knows (`uncertain`). Raises Busy."""
        try:
            found = await self._request(request, "interactive")
        except Busy:
            raise
        except (*NOT_SENT, SourceDown) as error:
            return None, Judged("unavailable", _words(error))
        except (httpx.HTTPError, TimeoutError) as error:
            return None, Judged("uncertain", _words(error))
        return found, self._judge.judge(found)

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.aclose()

    async def _read(self, request: Request, lane: Lane) -> Answer:
        try:
            found = await self._request(request, lane)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise Failed(Judged("unavailable", _words(error))) from error
        judged = self._judge.judge(found)
        if judged.means == "throttled":
            self._budget.pause(min(judged.retry_after, self._limits.most_wait.total_seconds()))
        if judged.means != "ok":
            raise Failed(judged, found.status)
        return found

    async def _request(self, request: Request, lane: Lane) -> Answer:
        """Send within the budget; what we sign with is renewed once when the server no longer takes it."""
        async with self._budget.request(lane), asyncio.timeout(self._timeout + CONNECT_SECONDS):
            sent, response = await self._signed(request)
            if self._signers.refused(sent, response):
                sent, response = await self._signed(request)
                self._signers.refused(sent, response)
        return answer(response)

    async def _signed(self, request: Request) -> tuple[httpx.Request, httpx.Response]:
        async with self._signing:
            await self._signers.ready(request.method)
        sent = self._build(
            request.method,
            _with_query(request.path, request.params),
            content=request.content,
            headers={**({"Content-Type": "application/json"} if request.content else {}), **request.headers},
        )
        self._signers.sign(sent)
        response = await send(self._client, sent)
        LOG.debug("%s %s %s: %s", self._name, sent.method, sent.url.path, response.status_code)
        return sent, response

    def _build(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> httpx.Request:  # noqa: ANN401  (httpx's own)
        return self._client.build_request(method, self.url(path), headers={**self._headers, **(headers or {})}, **more)

    def _retrying(self) -> tenacity.AsyncRetrying:
        most = self._limits.most_wait.total_seconds()
        return tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(self._limits.attempts),
            retry=tenacity.retry_if_exception(lambda error: _worth_it(error, most)),
            wait=_wait(most),
            reraise=True,
        )


class Expired(Exception):
    """The cursor is too old for the server; read from the start."""


def _with_query(path: str, params: Mapping[str, str | int]) -> str:
    """Return the path with its parameters; a space is %20, because not every server takes a plus for one."""
    query = str(httpx.QueryParams(params)).replace("+", "%20")
    return f"{path}{'&' if '?' in path else '?'}{query}" if query else path


def _worth_it(error: BaseException, most: float) -> bool:
    return isinstance(error, Failed) and error.judged.means in AGAIN and error.judged.retry_after <= most


def _wait(most: float) -> Any:  # noqa: ANN401  (tenacity's own composite type)
    """Wait as long as the server asks, else exponentially with full jitter."""
    jittered = tenacity.wait_random_exponential(multiplier=0.2, max=most)

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.judged.retry_after if isinstance(error, Failed) else 0.0
        return asked or jittered(state)

    return wait


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
