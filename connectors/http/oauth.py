"""OAuth 2 tokens: fetched by Authlib, kept in memory, refresh tokens kept on disk because vendors rotate them."""

import asyncio
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import msgspec

from connectors.http.auth import Granted, OAuth2Settings
from engine.ports import SourceDown

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import AsyncOAuth2Client

EARLY = 30.0
"""Seconds before its end at which a token is renewed."""
METHODS = {"header": "client_secret_basic", "body": "client_secret_post"}


class TokenFile:
    """One source's refresh token, readable by its owner only."""

    def __init__(self, home: Path, source: str) -> None:
        self.path = home / "var" / "tokens" / f"{source}.json"

    def read(self) -> str:
        """Return the token, "" when nobody has signed in yet."""
        try:
            return str(msgspec.json.decode(self.path.read_bytes())["refresh_token"])
        except (OSError, msgspec.DecodeError, KeyError, TypeError):
            return ""

    def write(self, token: str) -> None:
        """Keep a token, whole or not at all, before the one it replaces becomes useless."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        whole = self.path.with_suffix(".tmp")
        whole.touch(mode=0o600)
        with whole.open("wb") as file:
            file.write(msgspec.json.encode({"refresh_token": token}))
            file.flush()
            os.fsync(file.fileno())
        whole.replace(self.path)


class OAuth2:
    """Keeps one token for all requests; a refused one is renewed once."""

    def __init__(self, source: str, settings: OAuth2Settings, home: Path, timeout: float) -> None:
        self._source = source
        self._settings = settings
        self._file = TokenFile(home, source)
        self._timeout = timeout
        self._token = ""
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def ready(self, method: str) -> None:  # noqa: ARG002  (the protocol)
        """Fetch a token when there is none, or it is about to end; raises SourceDown."""
        async with self._lock:
            if self._token and time.monotonic() < self._until:
                return
            granted = await self._fetch()
            self._token = granted.access_token
            self._until = time.monotonic() + max(granted.expires_in - EARLY, 1.0)

    def sign(self, request: httpx.Request) -> None:
        """Add the token."""
        request.headers["Authorization"] = f"Bearer {self._token}"

    def refused(self, request: httpx.Request, response: httpx.Response) -> bool:
        """Whether the token was refused; another request may have renewed it meanwhile."""
        if response.status_code != 401:
            return False
        if request.headers.get("Authorization") == f"Bearer {self._token}":
            self._token = ""
        return True

    async def _fetch(self) -> Granted:
        async with client_for(self._settings, self._timeout) as client:
            try:
                token = await self._ask(client)
            except SourceDown:
                raise
            except Exception as error:  # Authlib raises the errors of whichever HTTP client it found
                raise SourceDown(f"{self._settings.token_url} gave no token: {words(error)}") from error
        given = granted(token, self._settings.token_url)
        if given.refresh_token and given.refresh_token != self._file.read():
            self._file.write(given.refresh_token)
        return given

    async def _ask(self, client: "AsyncOAuth2Client") -> Any:  # noqa: ANN401  (Authlib's token is an untyped dict)
        each = self._settings
        more = {name: value for name, value in (("scope", each.scope), ("audience", each.audience)) if value}
        if each.grant == "authorization_code":
            known = self._file.read() or each.refresh_token
            if not known:
                raise SourceDown(f"{self._source}: nobody has agreed yet: opslayer connector login {self._source}")
            return await client.refresh_token(each.token_url, refresh_token=known, **each.extra)
        if each.grant == "password":
            more |= {"username": each.username, "password": each.password}
        return await client.fetch_token(each.token_url, grant_type=each.grant, **more, **each.extra)


def client_for(settings: OAuth2Settings, timeout: float, redirect_uri: str = "") -> "AsyncOAuth2Client":
    """Return Authlib's client for these settings; PKCE (RFC 7636) for the authorization code."""
    from authlib.integrations.httpx_client import AsyncOAuth2Client

    return AsyncOAuth2Client(
        settings.client_id,
        settings.client_secret or None,
        scope=settings.scope or None,
        redirect_uri=redirect_uri or None,
        token_endpoint_auth_method=METHODS[settings.send] if settings.client_secret else "none",
        code_challenge_method="S256",
        timeout=timeout,
    )


def granted(token: object, url: str) -> Granted:
    """Return a token endpoint's answer; raises SourceDown for what is none."""
    try:
        return msgspec.convert(dict(token), Granted, strict=False)  # type: ignore[call-overload]  # Authlib's dict
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise SourceDown(f"{url} gave no token: {error}") from error


def words(error: Exception) -> str:
    """Return what an error of whichever HTTP client says."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return f"status {status}" if status else str(error) or type(error).__name__
