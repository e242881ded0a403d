"""What is done to each request so that the server knows us."""

import base64
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import httpx

from connectors.formula import Formula, FormulaFault
from connectors.hooks.standard import STANDARD, standard_key, standard_signature
from connectors.http.auth import Basic, Csrf, Hmac, Key, Session, Standard
from connectors.settings import Surroundings
from engine.ports import SourceDown

Send = Callable[[httpx.Request], Awaitable[httpx.Response]]
Build = Callable[..., httpx.Request]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MESSAGE = ("method", "url", "path", "query", "body", "timestamp")


class Signer(Protocol):
    """One way to sign in."""

    async def ready(self, method: str) -> None:
        """Get what signing needs; raises SourceDown."""
        ...

    def sign(self, request: httpx.Request) -> None:
        """Sign one request."""
        ...

    def refused(self, request: httpx.Request, response: httpx.Response) -> bool:
        """Whether what we signed with is worn out, so that the request makes sense again with something new."""
        ...


class Signers:
    """All ways of one source together."""

    def __init__(self, signers: Sequence[Signer]) -> None:
        self._signers = signers

    async def ready(self, method: str) -> None:
        """Get what signing needs; raises SourceDown."""
        for each in self._signers:
            await each.ready(method)

    def sign(self, request: httpx.Request) -> None:
        """Sign one request, in the order of declaration."""
        for each in self._signers:
            each.sign(request)

    def refused(self, request: httpx.Request, response: httpx.Response) -> bool:
        """Whether any of them has to begin anew."""
        worn_out = [each for each in self._signers if each.refused(request, response)]
        return bool(worn_out)


class Ready:
    """Base of what needs nothing before and cannot be renewed."""

    async def ready(self, method: str) -> None:
        """Nothing is needed."""

    def refused(self, request: httpx.Request, response: httpx.Response) -> bool:  # noqa: ARG002  (the protocol)
        """Return False: the same again would be refused again."""
        return False


class ApiKey(Ready):
    """Puts the secret where the vendor wants it."""

    def __init__(self, key: Key) -> None:
        self._key = key

    def sign(self, request: httpx.Request) -> None:
        """Add the header or parameter."""
        if self._key.param:
            request.url = request.url.copy_set_param(self._key.param, self._key.value)
        else:
            request.headers[self._key.header] = self._key.value


class BasicAuth(Ready):
    """User and password."""

    def __init__(self, settings: Basic) -> None:
        self._auth = httpx.BasicAuth(settings.user, settings.password)

    def sign(self, request: httpx.Request) -> None:
        """Add the header."""
        next(self._auth.auth_flow(request))


class HmacSigner(Ready):
    """Signs what the vendor wants signed."""

    def __init__(self, place: str, settings: Hmac, surroundings: Surroundings) -> None:
        self._settings = settings
        self._message = Formula(settings.message, place, surroundings, MESSAGE)

    def sign(self, request: httpx.Request) -> None:
        """Add the signature, and the moment where it is asked for."""
        each = self._settings
        at = str(int(time.time() * (1000 if each.clock == "ms" else 1)))
        scope = {
            "method": request.method,
            "url": str(request.url),
            "path": request.url.path,
            "query": request.url.query.decode(),
            "body": request.content.decode("utf-8", "replace"),
            "timestamp": at,
        }
        try:
            message = self._message.value(scope)
        except FormulaFault as fault:
            raise SourceDown(str(fault)) from fault
        mac = hmac.new(each.secret.encode(), str(message or "").encode(), each.algorithm).digest()
        text = mac.hex() if each.encoding == "hex" else base64.b64encode(mac).decode()
        request.headers[each.header] = each.prefix + text
        if each.timestamp_header:
            request.headers[each.timestamp_header] = at


class StandardSigner(Ready):
    """Signs a message by Standard Webhooks; one that has no id yet is given one."""

    def __init__(self, settings: Standard) -> None:
        self._key = standard_key(settings.secret)

    def sign(self, request: httpx.Request) -> None:
        """Add the three headers."""
        id = request.headers.setdefault(f"{STANDARD}-id", f"msg_{secrets.token_hex(12)}")
        at = str(int(time.time()))
        request.headers[f"{STANDARD}-timestamp"] = at
        request.headers[f"{STANDARD}-signature"] = standard_signature(self._key, id, at, request.content)


class SessionCookies:
    """Logs in once; the client keeps the cookies and sends them by itself."""

    def __init__(self, settings: Session, build: Build, send: Send, forget: Callable[[], None]) -> None:
        self._settings = settings
        self._build = build
        self._send = send
        self._forget = forget
        self._login = 0
        self._open = False

    async def ready(self, method: str) -> None:  # noqa: ARG002  (the protocol)
        """Log in when there is no session."""
        if self._open:
            return
        response = await self._send(self._build("POST", self._settings.path, json=dict(self._settings.json)))
        if not response.is_success:
            raise SourceDown(f"{response.request.url.host} refused the login (status {response.status_code})")
        self._open, self._login = True, self._login + 1

    def sign(self, request: httpx.Request) -> None:
        """Remember by which login this was sent."""
        request.extensions["login"] = self._login

    def refused(self, request: httpx.Request, response: httpx.Response) -> bool:
        """Whether the session has ended; another request may have opened a new one meanwhile."""
        if response.status_code not in self._settings.refused:
            return False
        if request.extensions.get("login") == self._login:
            self._open = False
            self._forget()
        return True


class CsrfToken:
    """Fetches the token before the first write."""

    def __init__(self, settings: Csrf, build: Build, send: Send, before: Sequence[Signer]) -> None:
        self._settings = settings
        self._build = build
        self._send = send
        self._before = before
        self._token = ""

    async def ready(self, method: str) -> None:
        """Fetch a token when a write has none; reading needs none."""
        if self._token or method in SAFE:
            return
        request = self._build("GET", self._settings.path, headers={self._settings.header: self._settings.fetch})
        for each in self._before:
            each.sign(request)
        response = await self._send(request)
        self._token = response.headers.get(self._settings.header, "")
        if not response.is_success or not self._token:
            raise SourceDown(f"{request.url.host} gave no {self._settings.header} (status {response.status_code})")

    def sign(self, request: httpx.Request) -> None:
        """Add the token to a write."""
        if request.method not in SAFE and self._token:
            request.headers[self._settings.header] = self._token

    def refused(self, request: httpx.Request, response: httpx.Response) -> bool:
        """Whether the server asks for a new token."""
        asked = response.headers.get(self._settings.header, "").lower() == "required"
        if request.method in SAFE or response.status_code != 403 or not asked:
            return False
        self._token = ""
        return True
