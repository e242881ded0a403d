"""Sending requests: signed, within limits, tried again when that is safe; what came back is judged."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import httpx
import tenacity

from connectors.http.answer import Answer, answer
from connectors.http.auth import authenticator
from connectors.http.errors import Judge, Judged
from connectors.http.limits import Breaker, Lane, TokenBucket
from connectors.http.settings import HttpSource
from connectors.settings import Surroundings
from engine.ports import SourceDown

CONNECT_SECONDS = 5.0
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)
AGAIN = frozenset({"throttled", "unavailable", "uncertain"})


class Failed(Exception):
    """A read came to nothing this time; `judged` says how, and whether another try makes sense."""

    def __init__(self, judged: Judged) -> None:
        super().__init__(judged.detail)
        self.judged = judged


class Transport:
    """The way to one API."""

    def __init__(
        self, name: str, settings: HttpSource, surroundings: Surroundings, client: httpx.AsyncClient | None
    ) -> None:
        self._name = name
        self._base = settings.url.rstrip("/") + "/"
        self._timeout = settings.timeout.total_seconds()
        self._limits = settings.limits
        self._judge = Judge(name, settings.errors, surroundings)
        self._bucket = TokenBucket(settings.limits.rate, settings.limits.per, settings.limits.reserve)
        self._breaker = Breaker(name, settings.limits.rest_after, settings.limits.rest)
        self._auth = authenticator(settings.auth)
        timeout = httpx.Timeout(self._timeout, connect=min(self._timeout, CONNECT_SECONDS))
        self._client = client or httpx.AsyncClient(timeout=timeout)
        self._headers = {"Accept": "application/json", **settings.headers}

    def url(self, path: str) -> str:
        """Return the address of a path; raises SourceDown for another server, which must not see our credentials."""
        url = urljoin(self._base, path if "://" in path else path.lstrip("/"))
        base, target = httpx.URL(self._base), httpx.URL(url)
        if (base.scheme, base.host, base.port) != (target.scheme, target.host, target.port):
            raise SourceDown(f"{self._name} names {target.host}, which is not where its credentials belong")
        return url

    async def get(self, path: str, params: Mapping[str, str], lane: Lane) -> Answer:
        """Read; tries again with growing, jittered pauses or after Retry-After. Raises SourceDown, Expired."""
        self._breaker.check()
        try:
            found: Answer = await self._retrying()(self._read, path, params, lane)
        except Failed as failed:
            if failed.judged.means == "expired":
                raise Expired(failed.judged.detail) from failed
            self._breaker.failed()
            raise SourceDown(f"{self._name}: {failed.judged.detail}") from failed
        self._breaker.succeeded()
        return found

    async def send(
        self, method: str, path: str, *, content: bytes | None, headers: Mapping[str, str]
    ) -> tuple[Answer | None, Judged]:
        """Write once; no answer means it was not sent (`unavailable`) or nobody knows (`uncertain`)."""
        try:
            found = await self._request(method, path, {}, "interactive", content=content, headers=headers)
        except (*NOT_SENT, SourceDown) as error:
            return None, Judged("unavailable", _words(error))
        except (httpx.HTTPError, TimeoutError) as error:
            return None, Judged("uncertain", _words(error))
        return found, self._judge.judge(found)

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.aclose()

    async def _read(self, path: str, params: Mapping[str, str], lane: Lane) -> Answer:
        try:
            found = await self._request("GET", path, params, lane)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise Failed(Judged("unavailable", _words(error))) from error
        judged = self._judge.judge(found)
        if judged.means != "ok":
            raise Failed(judged)
        return found

    async def _request(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        lane: Lane,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        await self._bucket.take(lane)
        sent = {**self._headers, **(headers or {})}
        async with asyncio.timeout(self._timeout + CONNECT_SECONDS):
            response = await self._client.request(
                method, self.url(path), params=params or None, content=content, headers=sent, auth=self._auth
            )
        return answer(response)

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
