"""What is remembered of one action for one subject, and what a review makes of it."""

from datetime import datetime
from hashlib import sha256
from typing import Literal, TypeAlias

import msgspec

from engine.events import ActionKey
from engine.inference.nodes import Act, Condition
from engine.inference.state import Entity

ENDED = frozenset({"sent", "failed", "withdrawn", "rejected", "expired"})
RETRIED = frozenset({"pending", "approved", "scheduled", "sending"})
"""What a person may make of a failed action: on its way again, it lives as it did before."""


class Activation:
    """What the engine remembers of one (action, subject), times in UTC.

    `fired` disarms until the condition was false long enough.
    """

    __slots__ = (
        "ended", "episode", "false_since", "fired", "key", "live",
        "proposal", "proposed_at", "sent_at", "true", "until",
    )  # fmt: skip

    def __init__(self, key: ActionKey, episode: int = 0) -> None:
        self.key = key
        self.episode = episode
        self.proposal = self.ended = ""
        self.live = self.fired = self.true = False
        self.false_since: datetime | None = None
        self.proposed_at: datetime | None = None
        self.until: datetime | None = None
        self.sent_at: datetime | None = None


class Step(msgspec.Struct, frozen=True):
    """What review decided of one activation."""

    kind: Literal["propose", "withdraw", "expire", "ask"]
    act: Act
    entity: Entity
    activation: Activation
    because: str = ""
    by: Condition | None = None


Pair: TypeAlias = tuple[Act, Entity]


def digest(key: ActionKey, episode: int, kind: str) -> str:
    """Name a decision: the same in every replay."""
    return sha256(f"{key}/{episode}/{kind}".encode()).hexdigest()[:24]
