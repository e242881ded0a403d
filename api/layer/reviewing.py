"""The doubtful pairs as people look through them: a part at a time, and only what is shown is compared anew."""

from collections.abc import Iterator

from api.layer.insight import Insight
from api.views import EvidenceLine, Review, Reviews
from engine.identity import Pair, compared
from engine.inference.state import Entity

_OPEN = frozenset({"proposed", "pending", "approved", "scheduled", "sending"})


class Reviewing(Insight):
    """api.facade.Identity, as far as it looks."""

    async def reviews(
        self, start: int = 0, most: int | None = None, *, evidence: bool = True, rulesets: frozenset[str] | None = None
    ) -> Reviews:
        """See api.facade.Identity."""
        await self._follow_decisions()
        busy = {each.root for each in await self.lines(rulesets) if each.state in _OPEN}
        asked = self.parts.pipeline.resolver.asked
        waiting = sorted(
            self._two(),
            key=lambda each: (each[1].ref not in busy and each[2].ref not in busy, -asked[each[0]], each[0]),
        )
        shown = waiting[start:][:most]
        return Reviews(shown=tuple(self._review(*each, busy, evidence=evidence) for each in shown), total=len(waiting))

    def _two(self) -> Iterator[tuple[Pair, Entity, Entity]]:
        """Yield the pairs that wait for a word and are still two."""
        for pair in self.parts.pipeline.resolver.asked:
            left, right = self._party(pair.entity, pair.left), self._party(pair.entity, pair.right)
            if left is not None and right is not None and left is not right:
                yield pair, left, right

    def _review(self, pair: Pair, left: Entity, right: Entity, busy: set[str], *, evidence: bool) -> Review:
        found = compared(self.parts.pipeline.session.rulebook.model, left, right) if evidence else None
        lines = tuple(
            EvidenceLine(
                what=each.what, left=each.left, right=each.right, bits=each.bits, note=each.note,
                contradicts=each.contradicts,
            )
            for each in (found.findings if found else ())
        )  # fmt: skip
        bits = found.bits if found else self.parts.pipeline.resolver.asked[pair]
        busy_now = left.ref in busy or right.ref in busy
        one, other = self._line(left), self._line(right)
        return Review(left=one, right=other, bits=bits, evidence=lines, busy=busy_now)
