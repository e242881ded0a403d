"""What dispatch needs from others: whether an action is still right, the connectors, its settings."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import msgspec

from approvals.context import Context
from approvals.memory import Memory
from engine.events import Action, Draft
from engine.ports import Clock, Connector, Store


class StillTrue(msgspec.Struct, frozen=True, tag=True):
    """The rule still holds and nothing that it, the draft or the target depends on has changed."""


class NoLonger(msgspec.Struct, frozen=True, tag=True):
    """The reason is gone: the action is withdrawn."""

    reason: str


class Moved(msgspec.Struct, frozen=True, tag=True):
    """The rule holds and something it read or would write is different.

    `inputs` and `draft` are as they would be made at this moment, None where they are the same.
    """

    reason: str
    inputs: Mapping[str, Any] | None = None
    draft: Draft | None = None


Checked = StillTrue | NoLonger | Moved
Check = Callable[[Action], Awaitable[Checked]]
"""Evaluates the rule again and reads the target record again; may raise SourceDown, then nothing is sent yet."""

Connectors = Callable[[str], Connector | None]
"""The opened source system of that name."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Times and numbers of dispatch.

    `timeout` ends a write well before the `lease` does, so no other worker takes over a write that still runs.
    `settle` is how long an unanswered write may take to become visible before it is looked up.
    """

    lease: timedelta = timedelta(minutes=3)
    timeout: timedelta = timedelta(seconds=60)
    settle: timedelta = timedelta(seconds=30)
    hold: timedelta = timedelta(seconds=60)
    backoff: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(hours=1)
    attempts: int = 8
    batch: int = 50
    parallel: int = 8


DEFAULTS = Settings()


@dataclass(frozen=True, slots=True)
class Outbox:
    """What everybody works with who sends, or looks up what was sent; `connectors` are the opened source systems."""

    store: Store
    memory: Memory
    context: Context
    connectors: Connectors
    clock: Clock
    settings: Settings = DEFAULTS
    rng: Random = field(default_factory=Random)
    """Spreads retries; keeps no secret."""


SHARES = 16
"""How many batches are looked through for one of our own: others' accounts may stand before ours."""
