"""The section `webhook` of a source: how a delivery proves that it is the vendor's, and what is read from it.

FEEL there sees `body` (JSON, or the fields of a form), `headers` (names in lower case), `query`, and where it is about
one item of the delivery `item` and its members.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from connectors.strict import Settings

Secret = Annotated[str, msgspec.Meta(min_length=1)]
Secrets = Secret | Annotated[tuple[Secret, ...], msgspec.Meta(min_length=1)]
"""A secret, or several while the vendor changes from one to the next. An empty one is none."""
MOST_BYTES = 1024 * 1024


class HmacCheck(Settings, frozen=True, kw_only=True):
    """A signature over the bytes that came, in `header` behind `prefix`; `part`: its name in one like `t=1,v1=ab`.

    `message`: FEEL over `method`, `url`, `path`, `query`, `body` and `timestamp` as texts. With `timestamp_header` (or
    `timestamp_part` of the same header), seconds since 1970 or with `clock: ms` milliseconds, what is older than
    `tolerance` is refused. `secret` may be absent where a handshake brings it.
    """

    secret: Secrets | None = None
    header: str
    prefix: str = ""
    part: str = ""
    algorithm: Literal["sha256", "sha512", "sha1"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    message: str = "body"
    timestamp_header: str = ""
    timestamp_part: str = ""
    clock: Literal["s", "ms"] = "s"
    tolerance: timedelta = timedelta(minutes=5)


class StandardCheck(Settings, frozen=True, kw_only=True):
    """Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`, `webhook-signature`; `headers: svix` for older senders.

    `secret`: `whsec_` and base64; one that is not base64 is taken as it stands.
    """

    secret: Secrets
    headers: str = "webhook"
    tolerance: timedelta = timedelta(minutes=5)


class TokenCheck(Settings, frozen=True, kw_only=True):
    """A shared secret that the vendor sends as it is: in `header` behind `prefix`, or as query parameter `param`."""

    secret: Secrets
    header: str = "X-Webhook-Token"
    param: str = ""
    prefix: str = ""


class FieldCheck(Settings, frozen=True, kw_only=True):
    """A shared secret inside the body: `at` is FEEL that gives it, or a list of which each must be it."""

    secret: Secrets
    at: str


class Handshake(Settings, frozen=True, kw_only=True):
    """How the vendor finds out that the address is ours: one of `param`, `header`, `field` (of the body) is sent back.

    `token`: what must come in the query parameter `sent_as`. `keep`: what is sent back is the secret that later
    deliveries are signed with; it is kept below var/tokens, and taken only with the token.
    """

    param: str = ""
    header: str = ""
    field: str = ""
    token: Secret | None = None
    sent_as: str = "token"
    keep: bool = False


class HookStream(Settings, frozen=True, kw_only=True):
    """What a delivery says of one stream; each expression is FEEL.

    `items`: the list of what is said, default the body, or the one that the section names. `when`: which of them
    belong here. `key`: the record's key; without one the stream is read anew. `data`: the record, where all of it is
    sent; without it the delivery is a hint, and the record is read from its system. `deleted`: whether it is gone.
    `at`: since when this holds, a moment, or seconds since 1970. `order`: a number or a moment that grows with each
    change of one record (default `at`); what is lower than what is known is old news. `id`: the dedupe key.
    `fields`: the record's members that mappings use, null where they are left out.
    """

    items: str = ""
    when: str = ""
    key: str = ""
    data: str = ""
    deleted: str = ""
    at: str = ""
    order: str = ""
    version: str = ""
    id: str = ""
    fields: tuple[str, ...] = ()


class Renewal(Settings, frozen=True, kw_only=True):
    """The request that prolongs a subscription: `path` with `{FEEL}`, `json` whose texts are FEEL."""

    path: str
    json: Mapping[str, Any] = {}
    method: Literal["POST", "PUT", "PATCH"] = "PATCH"


class Subscribe(Settings, frozen=True, kw_only=True):
    """A subscription that we make with the vendor, and prolong when half of its time is over.

    `path`, `json`: the request that makes it. FEEL there sees `url` (the webhook's), `secret` (the first that proves a
    delivery), `base` (the source's address), `until` (`lasts` from now) and in `renew` its `id`. `id`, `until`: paths
    in the answer. Without `renew`, or when the vendor knows it no more, it is made anew.
    """

    path: str
    json: Mapping[str, Any]
    lasts: timedelta
    method: Literal["POST", "PUT"] = "POST"
    headers: Mapping[str, str] = {}
    id: str = "id"
    until: str = ""
    renew: Renewal | None = None


class Webhook(Settings, frozen=True, kw_only=True):
    """How deliveries to `/api/v1/hooks/SOURCE` are proved and read. Every check that is named must hold.

    `url`: the address as the vendor knows it: where it signs that and a proxy stands between, and for `subscribe`,
    whose subscriptions are made once it is set. `renew`: FEEL over an item that says that they must be prolonged now.
    `most`: bytes.
    """

    hmac: HmacCheck | None = None
    standard: StandardCheck | None = None
    token: TokenCheck | None = None
    field: FieldCheck | None = None
    handshake: Handshake | None = None
    url: str = ""
    most: Annotated[int, msgspec.Meta(ge=1, le=8 * MOST_BYTES)] = MOST_BYTES
    items: str = ""
    id: str = ""
    streams: Mapping[str, HookStream] = {}
    subscribe: Mapping[str, Subscribe] = {}
    renew: str = ""

    def __post_init__(self) -> None:
        if not (self.hmac or self.standard or self.token or self.field):
            raise ValueError("say how a delivery is proved: one of hmac, standard, token, field")
        hmac, greets = self.hmac, self.handshake
        if hmac and hmac.secret is None and not (greets and greets.keep):
            raise ValueError("hmac needs a secret, unless the handshake brings it (`keep: true`)")
        if greets and sum(map(bool, (greets.param, greets.header, greets.field))) != 1:
            raise ValueError("a handshake sends back one of param, header, field")
        if greets and greets.keep and greets.token is None:
            raise ValueError("a handshake that brings a secret needs a token, or anybody could bring one")
