"""Whether a delivery is the vendor's: signatures over the bytes as they came, and shared secrets."""

import base64
import hmac
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from connectors.formula import Formula, FormulaFault
from connectors.hooks.delivery import Delivery, Denied
from connectors.hooks.settings import FieldCheck, HmacCheck, Secrets, StandardCheck, TokenCheck
from connectors.hooks.standard import standard_key, standard_signature
from connectors.settings import Surroundings
from engine.ports import Clock

MESSAGE = ("method", "url", "path", "query", "body", "timestamp")


def texts(secret: Secrets | None) -> tuple[str, ...]:
    """Return the secrets that are good at present."""
    return () if secret is None else (secret,) if isinstance(secret, str) else secret


def same(sent: str, known: Iterable[str]) -> bool:
    """Whether one of the known is what was sent; takes as long when it is not."""
    return sum(hmac.compare_digest(sent.encode(), each.encode()) for each in known) > 0


def fresh(sent: str, tolerance: timedelta, clock: Clock, scale: int = 1) -> None:
    """Raise Denied for what was signed too long ago, or ahead of time.

    By the layer's clock or by the machine's: they are one, unless time is simulated and the sender's is not.
    """
    if not sent.isdecimal() or len(sent) > 16:
        raise Denied("the time of signing is missing")
    at, most = int(sent) / scale, tolerance.total_seconds()
    if min(abs(clock.now().timestamp() - at), abs(time.time() - at)) > most:
        raise Denied("the time of signing is too far from now")


class HmacProof:
    """A signature in a header."""

    def __init__(self, place: str, settings: HmacCheck, surroundings: Surroundings) -> None:
        self._settings = settings
        self._clock = surroundings.clock
        plain = settings.message == "body"
        self._message = None if plain else Formula(settings.message, f"{place}.hmac.message", surroundings, MESSAGE)

    def check(self, delivery: Delivery, kept: Sequence[str]) -> None:
        """Raise Denied; `kept` are secrets that a handshake has brought."""
        each = self._settings
        header = delivery.headers.get(each.header.lower(), "")
        if not header:
            raise Denied(f"there is no {each.header}")
        at = self._timestamp(delivery, header)
        message = self._signed(delivery, at)
        wanted = [self._signature(secret, message) for secret in (*texts(each.secret), *kept)]
        sent = _parts(header, each.part) if each.part else [header]
        if each.encoding == "hex":
            sent = [each.prefix + value.removeprefix(each.prefix).lower() for value in sent if _begins(value, each)]
        if not any(same(value, wanted) for value in sent):
            raise Denied("the signature is not right")

    def _timestamp(self, delivery: Delivery, header: str) -> str:
        each = self._settings
        if not (each.timestamp_header or each.timestamp_part):
            return ""
        at = delivery.headers.get(each.timestamp_header.lower(), "") if each.timestamp_header else ""
        if each.timestamp_part:
            at = next(iter(_parts(header, each.timestamp_part)), "")
        fresh(at, each.tolerance, self._clock, 1000 if each.clock == "ms" else 1)
        return at

    def _signed(self, delivery: Delivery, at: str) -> bytes:
        """Return the signed bytes: Latin-1 takes each byte for one character and back, so none is lost on the way."""
        if self._message is None:
            return delivery.body
        scope = {
            "method": delivery.method,
            "url": delivery.url,
            "path": delivery.path,
            "query": delivery.query_text,
            "body": delivery.body.decode("latin-1"),
            "timestamp": at,
        }
        try:
            return str(self._message.value(scope) or "").encode("latin-1")
        except (FormulaFault, UnicodeEncodeError) as fault:
            raise Denied(f"what is signed cannot be put together: {fault}") from fault

    def _signature(self, secret: str, message: bytes) -> str:
        mac = hmac.new(secret.encode(), message, self._settings.algorithm).digest()
        text = mac.hex() if self._settings.encoding == "hex" else base64.b64encode(mac).decode()
        return self._settings.prefix + text


class StandardProof:
    """Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md)."""

    def __init__(self, settings: StandardCheck, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._keys = [standard_key(each) for each in texts(settings.secret)]

    def check(self, delivery: Delivery, kept: Sequence[str]) -> None:  # noqa: ARG002  (as the others)
        """Raise Denied."""
        name = self._settings.headers
        id, at, sent = (delivery.headers.get(f"{name}-{each}", "") for each in ("id", "timestamp", "signature"))
        if not (id and at and sent):
            raise Denied(f"{name}-id, {name}-timestamp or {name}-signature is missing")
        fresh(at, self._settings.tolerance, self._clock)
        wanted = [standard_signature(key, id, at, delivery.body) for key in self._keys]
        if not any(same(each, wanted) for each in sent.split()):
            raise Denied("the signature is not right")


class TokenProof:
    """A shared secret, as it is."""

    def __init__(self, settings: TokenCheck) -> None:
        self._settings = settings

    def check(self, delivery: Delivery, kept: Sequence[str]) -> None:  # noqa: ARG002  (as the others)
        """Raise Denied."""
        each = self._settings
        sent = delivery.query.get(each.param, "") if each.param else delivery.headers.get(each.header.lower(), "")
        if not same(sent, [each.prefix + value for value in texts(each.secret)]):
            raise Denied("the token is not right" if sent else f"there is no {each.param or each.header}")


class FieldProof:
    """A shared secret in the body."""

    def __init__(self, place: str, settings: FieldCheck, surroundings: Surroundings) -> None:
        self._values = texts(settings.secret)
        self._at = Formula(settings.at, f"{place}.field.at", surroundings, ("body",), sparse=True)

    def check(self, body: Any) -> None:  # noqa: ANN401  (a FEEL value)
        """Raise Denied."""
        try:
            found = self._at.value({"body": body})
        except FormulaFault as fault:
            raise Denied("the secret is missing") from fault
        sent = found if isinstance(found, list) else [found]
        if not sent or not all(isinstance(each, str) and same(each, self._values) for each in sent):
            raise Denied("the secret is not right")


def _parts(header: str, name: str) -> list[str]:
    """Return the values of one name in a header like `t=1,v1=ab,v1=cd`."""
    pairs = [each.strip().partition("=") for each in header.split(",")]
    return [value for key, _, value in pairs if key == name]


def _begins(value: str, settings: HmacCheck) -> bool:
    return value.startswith(settings.prefix)
