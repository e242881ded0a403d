"""Ways to sign in, as sources.yaml states them; several may stand together (basic with csrf, a key with hmac)."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from connectors.strict import Settings


class Key(Settings, frozen=True, kw_only=True):
    """A secret sent in a header or, where the vendor insists, in a query parameter."""

    value: str
    header: str = "X-API-Key"
    param: str = ""


class Basic(Settings, frozen=True, kw_only=True):
    """User and password (RFC 7617)."""

    user: str
    password: str


class OAuth2Settings(Settings, frozen=True, kw_only=True):
    """A token fetched by one of the grants of OAuth 2 (RFC 6749), and again when it ends or is refused.

    `authorization_code`: a person has agreed in the vendor's own pages, which gave the first `refresh_token`; from then
    on each one that the vendor gives in exchange is kept below var/tokens. `extra`: form fields that
    the vendor wants besides. `send`: how the client's secret travels.
    """

    token_url: str
    client_id: str
    client_secret: str = ""
    grant: Literal["client_credentials", "authorization_code", "password"] = "client_credentials"
    scope: str = ""
    audience: str = ""
    authorize_url: str = ""
    refresh_token: str = ""
    username: str = ""
    password: str = ""
    extra: Mapping[str, str] = {}
    send: Literal["header", "body"] = "header"


class Session(Settings, frozen=True, kw_only=True):
    """A login that gives cookies, made again when a request is answered with one of `refused`."""

    path: str
    json: Mapping[str, Any] = {}
    refused: tuple[int, ...] = (401,)


class Csrf(Settings, frozen=True, kw_only=True):
    """A token against forged requests: fetched by reading `path`, sent with every write, fetched again when refused."""

    path: str = ""
    header: str = "X-CSRF-Token"
    fetch: str = "Fetch"


class Hmac(Settings, frozen=True, kw_only=True):
    """A signature over the request. `message`: FEEL over `method`, `url`, `path`, `query`, `body`, `timestamp`.

    `timestamp` is the moment of signing in seconds since 1970 (milliseconds with `clock: ms`).
    """

    secret: str
    message: str = "body"
    header: str = "X-Signature"
    timestamp_header: str = ""
    clock: Literal["s", "ms"] = "s"
    algorithm: Literal["sha256", "sha512", "sha1"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""


class Standard(Settings, frozen=True, kw_only=True):
    """Signs what is sent as Standard Webhooks 1.0 does; `secret`: `whsec_` and base64."""

    secret: Annotated[str, msgspec.Meta(min_length=1)]


class Auth(Settings, frozen=True, kw_only=True):
    """Ways to sign in; none when empty."""

    bearer: str = ""
    key: Key | None = None
    basic: Basic | None = None
    oauth2: OAuth2Settings | None = None
    session: Session | None = None
    csrf: Csrf | None = None
    hmac: Hmac | None = None
    standard: Standard | None = None


class Granted(msgspec.Struct, frozen=True):
    """A token endpoint's answer (RFC 6749, 5.1); `expires_in` in seconds."""

    access_token: Annotated[str, msgspec.Meta(min_length=1)]
    expires_in: float = 3600.0
    refresh_token: str = ""
