"""What is remembered of one action for one subject, and what a review makes of it."""

from dataclasses import dataclass
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


@dataclass(slots=True)
class Activation:
    """What the engine remembers of one (action, subject), times in UTC.

    `fired` disarms until the condition was false long enough.
    """

    key: ActionKey
    episode: int = 0
    proposal: str = ""
    live: bool = False
    fired: bool = False
    true: bool = False
    ended: str = ""
    false_since: datetime | None = None
    proposed_at: datetime | None = None
    until: datetime | None = None
    sent_at: datetime | None = None


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
