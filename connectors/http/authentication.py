"""From the ways to sign in that a source states to what signs its requests."""

from collections.abc import Iterator

import httpx

from connectors.http.auth import Auth, Key
from connectors.http.bounded import send
from connectors.http.oauth import OAuth2
from connectors.http.signing import (
    ApiKey,
    BasicAuth,
    Build,
    CsrfToken,
    HmacSigner,
    SessionCookies,
    Signer,
    Signers,
    StandardSigner,
)
from connectors.settings import Surroundings
from engine.ports import SourceDown


def signers(
    name: str, settings: Auth, surroundings: Surroundings, client: httpx.AsyncClient, build: Build, timeout: float
) -> Signers:
    """Return what signs each request, in an order in which each sees what those before it did."""

    async def sent(request: httpx.Request) -> httpx.Response:
        try:
            return await send(client, request)
        except httpx.HTTPError as error:
            raise SourceDown(f"{name}: {str(error) or type(error).__name__}") from error

    found: list[Signer] = [*_secrets(settings)]
    if settings.oauth2:
        found.append(OAuth2(name, settings.oauth2, surroundings.home, timeout))
    if settings.session:
        found.append(SessionCookies(settings.session, build, sent, client.cookies.clear))
    if settings.csrf:
        found.append(CsrfToken(settings.csrf, build, sent, tuple(found)))
    if settings.hmac:
        found.append(HmacSigner(f"sources.{name}.auth.hmac.message", settings.hmac, surroundings))
    if settings.standard:
        found.append(StandardSigner(settings.standard))
    return Signers(found)


def _secrets(settings: Auth) -> Iterator[Signer]:
    """Yield what is sent as it stands."""
    if settings.bearer:
        yield ApiKey(Key(header="Authorization", value=f"Bearer {settings.bearer}"))
    if settings.key:
        yield ApiKey(settings.key)
    if settings.basic:
        yield BasicAuth(settings.basic)
