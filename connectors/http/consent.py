"""The first consent of OAuth 2: a person agrees in the vendor's pages, whose answer comes to a port of this machine.

The authorization code with PKCE (RFC 7636) and a loopback redirect (RFC 8252, 7.3); from then on the refresh token that
it gives is renewed as `connectors.http.oauth` does.
"""

import asyncio
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from authlib.common.security import generate_token

from connectors.http.auth import OAuth2Settings
from connectors.http.oauth import TokenFile, client_for, granted, words
from engine.ports import SourceDown

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import AsyncOAuth2Client

PATH = "/callback"
VERIFIER = 48
PAGE = "<!doctype html><title>opslayer</title><p>{}"
TIMEOUT = 10.0


async def consent(
    source: str, settings: OAuth2Settings, home: Path, tell: Callable[[str], None], *, port: int = 0, patience: float
) -> Path:
    """Tell the address where a person agrees, wait so many seconds for it, keep the token; returns its file.

    Raises SourceDown.
    """
    if settings.grant != "authorization_code" or not settings.authorize_url:
        raise SourceDown(f"{source}: only `grant: authorization_code` with an `authorize_url` needs anybody's consent")
    answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    state = generate_token(VERIFIER)
    try:
        server = await asyncio.start_server(_door(state, answered), "127.0.0.1", port)
    except OSError as error:
        raise SourceDown(f"port {port} of this machine is taken: {error}") from error
    async with server:
        redirect = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{PATH}"
        async with client_for(settings, TIMEOUT, redirect) as client:
            verifier = generate_token(VERIFIER)
            address, _ = client.create_authorization_url(
                settings.authorize_url, state=state, code_verifier=verifier, **settings.extra
            )
            tell(address)
            try:
                code = await asyncio.wait_for(answered, patience)
            except TimeoutError as error:
                raise SourceDown(f"{source}: nobody agreed within {patience:g} seconds") from error
            token = await _exchanged(client, settings, code, verifier)
    file = TokenFile(home, source)
    file.write(token)
    return file.path


async def _exchanged(client: "AsyncOAuth2Client", settings: OAuth2Settings, code: str, verifier: str) -> str:
    try:
        found = await client.fetch_token(
            settings.token_url, grant_type="authorization_code", code=code, code_verifier=verifier
        )
    except Exception as error:  # Authlib raises the errors of whichever HTTP client it found
        raise SourceDown(f"{settings.token_url} gave no token: {words(error)}") from error
    token = granted(found, settings.token_url).refresh_token
    if not token:
        raise SourceDown(f"{settings.token_url} gave no refresh token; most vendors want `offline_access` in `scope`")
    return token


def _door(state: str, answered: "asyncio.Future[str]") -> Callable[..., asyncio.Future[None]]:
    """Return what answers the browser; only the vendor's own answer, by its state, is taken."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = (await asyncio.wait_for(reader.readline(), TIMEOUT)).decode("latin-1").split()
            found, text = _answer(line[1] if len(line) > 1 and line[0] == "GET" else "", state)
            body = PAGE.format(text).encode()
            head = f"HTTP/1.1 {'200 OK' if found else '400 Bad Request'}\r\nContent-Type: text/html\r\n"
            writer.write(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
            await writer.drain()
            if isinstance(found, str) and not answered.done():
                answered.set_result(found)
            elif isinstance(found, SourceDown) and not answered.done():
                answered.set_exception(found)
        except (OSError, TimeoutError, ValueError):
            pass
        finally:
            writer.close()

    return serve  # type: ignore[return-value]  # asyncio takes the coroutine function


def _answer(target: str, state: str) -> tuple[str | SourceDown | None, str]:
    """Return the code, or the vendor's refusal, or None for what is not its answer; and what the browser shows."""
    parts = urlsplit(target)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if parts.path != PATH or not hmac.compare_digest(asked.get("state", "").encode(), state.encode()):
        return None, "This is not the answer that is waited for."
    if asked.get("code"):
        return asked["code"], "Thank you. This window can be closed."
    return SourceDown(
        f"the vendor says {asked.get('error', 'nothing')}: {asked.get('error_description', '')}"
    ), "Refused."
