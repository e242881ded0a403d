"""What one running application holds, and how a request reaches it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

from litestar.connection import ASGIConnection

from api.facade import Layer
from api.metrics import Metrics
from api.onetime import Links
from api.tries import Tries

Connection = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Served:
    """The layer, the limits on wrong keys and sign-ins, the open sign-in links, whether cookies need https, metrics.

    `closing` ends what would stream on.
    """

    layer: Layer
    key_tries: Tries = field(default_factory=lambda: Tries(60, 60))
    sign_in_tries: Tries = field(default_factory=lambda: Tries(5, 300))
    links: Links = field(default_factory=Links)
    secure: bool = False
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    metrics: Metrics = field(default_factory=Metrics)


def served_of(connection: Connection) -> Served:
    """Return what this application serves."""
    return cast("Served", connection.app.state["served"])


def layer_of(connection: Connection) -> Layer:
    """Return the layer this application serves."""
    return served_of(connection).layer
