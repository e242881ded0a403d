"""What may be asked of the layer about who is who."""

from typing import Protocol

from api.outcomes import Refused
from api.views import Actor, Joined, Reviews


class Identity(Protocol):
    """Merging and splitting entities; every word is journalled and survives a restart."""

    async def resolve(self, *, settled: bool = False) -> int:
        """Look up whoever something was told of; returns how many pairs were merged or put to a person."""
        ...

    async def reviews(
        self, start: int = 0, most: int | None = None, *, evidence: bool = True, rulesets: frozenset[str] | None = None
    ) -> Reviews:
        """Return doubtful pairs that wait for a person, from place `start` on and `most` of them, all without it.

        First those on which an action of these rulesets is open, then the likeliest. `evidence`: compare what is
        shown, as it is now.
        """
        ...

    async def merge(self, type: str, id: str, other: str, actor: Actor, reason: str = "") -> Joined | Refused:
        """Let `other` be the same as `id`; everything is derived anew. Refused when one is unknown."""
        ...

    async def split(
        self, type: str, id: str, other: str, actor: Actor, records: tuple[str, ...] = (), reason: str = ""
    ) -> Joined | Refused:
        """Let records leave `id` and be `other`; without `records` those that a merge brought from `other`."""
        ...

    async def keep_apart(self, type: str, id: str, other: str, actor: Actor, reason: str = "") -> Refused | None:
        """Let a doubtful pair be two, for good; it is not asked again."""
        ...
