"""The settings of a source that is known by webhooks alone."""

from collections.abc import Mapping
from typing import Any

from connectors.hooks.settings import HookStream
from connectors.http.auth import Auth
from connectors.http.settings import CloudEvent, ErrorRule, Limits
from connectors.settings import OperationSettings, SourceSettings


class WebhookStream(HookStream, frozen=True, kw_only=True):
    """What is sent whole; `data` is the item itself where it is not said. `link`: as with other sources."""

    key: str
    link: str = ""


class EventOperation(OperationSettings, frozen=True, kw_only=True):
    """One event that is told: a CloudEvent 1.0, posted to the source's `url`, or to `path` below it.

    `event`: its type, or more of it. `json`: its data, each text in it FEEL over the payload and `key`; default the
    payload. The header webhook-id carries our idempotency key, so `native_key` is true of a receiver that heeds it.
    """

    event: str | CloudEvent
    path: str = ""
    json: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = {}
    reference: str = ""
    link: str = ""


class WebhookSource(SourceSettings, frozen=True, kw_only=True):
    """A system that sends by itself what changes (`webhook`, `streams`), and to which events are sent.

    `signing_secret`: the secret of Standard Webhooks that outgoing events are signed with.
    """

    url: str = ""
    signing_secret: str = ""
    auth: Auth = Auth()
    headers: Mapping[str, str] = {}
    limits: Limits = Limits()
    errors: tuple[ErrorRule, ...] = ()
    streams: Mapping[str, WebhookStream] = {}
    operations: Mapping[str, EventOperation] = {}
