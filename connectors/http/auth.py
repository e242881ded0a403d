"""Ways to sign in: none, a key, basic, a bearer token, OAuth 2 client credentials (RFC 6749, 4.4)."""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator
from typing import Literal

import httpx
import msgspec

from connectors.settings import Settings
from engine.ports import SourceDown

EARLY = 30.0
"""Seconds before its end at which a token is renewed."""


class Key(Settings, frozen=True, kw_only=True):
    """A secret sent in a header or, where the vendor insists, in a query parameter."""

    value: str
    header: str = "X-API-Key"
    param: str = ""


class Basic(Settings, frozen=True, kw_only=True):
    """User and password (RFC 7617)."""

    user: str
    password: str


class ClientCredentials(Settings, frozen=True, kw_only=True):
    """A token fetched with the client's own secret, and again when it ends or is refused."""

    token_url: str
    client_id: str
    client_secret: str
    scope: str = ""
    audience: str = ""
    send: Literal["header", "body"] = "header"


class Auth(Settings, frozen=True, kw_only=True):
    """One way to sign in; none when empty."""

    bearer: str = ""
    key: Key | None = None
    basic: Basic | None = None
    oauth2: ClientCredentials | None = None


class Granted(msgspec.Struct, frozen=True):
    """A token endpoint's answer (RFC 6749, 5.1)."""

    access_token: str
    expires_in: float = 3600.0


def authenticator(settings: Auth) -> httpx.Auth:
    """Return what signs each request."""
    if settings.oauth2:
        return OAuth2(settings.oauth2)
    if settings.basic:
        return httpx.BasicAuth(settings.basic.user, settings.basic.password)
    if settings.key:
        return ApiKey(settings.key)
    return ApiKey(Key(header="Authorization", value=f"Bearer {settings.bearer}")) if settings.bearer else httpx.Auth()


class ApiKey(httpx.Auth):
    """Puts the secret where the vendor wants it."""

    def __init__(self, key: Key) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign one request."""
        if self._key.param:
            request.url = request.url.copy_set_param(self._key.param, self._key.value)
        else:
            request.headers[self._key.header] = self._key.value
        yield request


class OAuth2(httpx.Auth):
    """Keeps one token for all requests; a refused one is renewed once and the request repeated."""

    def __init__(self, settings: ClientCredentials) -> None:
        self._settings = settings
        self._token = ""
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Sign one request, fetching a token first when there is none."""
        async with self._lock:
            if not self._token or time.monotonic() >= self._until:
                answered = yield self._ask()
                self._take(answered.status_code, await answered.aread())
            used = self._token
        request.headers["Authorization"] = f"Bearer {used}"
        response = yield request
        if response.status_code != 401:
            return
        async with self._lock:
            if self._token == used:
                answered = yield self._ask()
                self._take(answered.status_code, await answered.aread())
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request

    def _ask(self) -> httpx.Request:
        each = self._settings
        form = {"grant_type": "client_credentials", "scope": each.scope, "audience": each.audience}
        if each.send == "body":
            form |= {"client_id": each.client_id, "client_secret": each.client_secret}
        request = httpx.Request("POST", each.token_url, data={name: value for name, value in form.items() if value})
        if each.send == "header":
            next(httpx.BasicAuth(each.client_id, each.client_secret).auth_flow(request))
        return request

    def _take(self, status: int, content: bytes) -> None:
        try:
            token = msgspec.json.decode(content, type=Granted, strict=False)
        except msgspec.DecodeError as error:
            raise SourceDown(f"{self._settings.token_url} gave no token (status {status})") from error
        self._token = token.access_token
        self._until = time.monotonic() + token.expires_in - EARLY
