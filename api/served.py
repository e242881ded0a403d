"""What one running application holds, and how a request reaches it."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast

from litestar.connection import ASGIConnection

from api.facade import Layer
from api.limited import limited
from api.limits import Gate, Rates
from api.metrics import Metrics
from api.onetime import Links
from api.tries import SignInTries, Tries
from api.views import Actor
from api.works import Works
from engine.settings.app import Limits

Connection = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Served:
    """The layer, and what stands around it.

    `gate` and `rates` bound what is taken on; the four `..._tries` count wrong ones; `links` are open
    sign-ins; `secure`: cookies need https; `closing` ends what would stream on; `works` is long work
    that somebody began, `asked` what pages asked for and take long to answer; `streams`: who listens, how often.
    """

    layer: Layer
    key_tries: Tries = field(default_factory=lambda: Tries(60, 60))
    hook_tries: Tries = field(default_factory=lambda: Tries(60, 60))
    link_tries: Tries = field(default_factory=lambda: Tries(60, 60))
    sign_in_tries: SignInTries = field(default_factory=SignInTries)
    links: Links = field(default_factory=Links)
    secure: bool = False
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    metrics: Metrics = field(default_factory=Metrics)
    gate: Gate = field(default_factory=lambda: Gate(Limits()))
    works: Works = field(default_factory=Works)
    asked: dict[str, asyncio.Task[Any]] = field(default_factory=dict)
    rates: Rates = field(default_factory=lambda: Rates(None))
    streams: Counter[str] = field(default_factory=Counter)


def served_of(connection: Connection) -> Served:
    """Return what this application serves."""
    return cast("Served", connection.app.state["served"])


def layer_of(connection: Connection) -> Layer:
    """Return the layer as whoever asks may see it; before a guard knew them, and for open routes, the whole."""
    actor: Actor | None = connection.scope.get("user")
    layer = served_of(connection).layer
    return layer if actor is None else limited(layer, actor)
