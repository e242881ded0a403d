"""What the outside may tell the layer by itself."""

from typing import Protocol

from api.received import Answered
from connectors.hooks.delivery import Delivery


class Hooks(Protocol):
    """Deliveries of source systems."""

    async def hear(self, source: str, delivery: Delivery) -> Answered:
        """Take in what a source's system sends by itself; what was taken is durable.

        Without a handshake, a proof or a webhook of this name nothing is taken, and a delivery that is not the
        vendor's is `denied` without a word about it in the journal: that is for `denied`.
        """
        ...

    async def heed(self, source: str) -> int:
        """Read again what a source has hinted at; returns how many records were read."""
        ...

    async def subscribe(self, source: str) -> int:
        """Make and prolong the subscriptions by which a source's system sends; returns how many were."""
        ...
