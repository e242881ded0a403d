"""Full-text search of the memory, and its index, which follows the journal at its own pace."""

import msgspec

from api.insight.port import Remembered
from api.layer.belonging import told_to
from api.layer.insight import Insight
from api.layer.telling import tell
from engine.ports import Stored

_AT = "indexed"
_BATCH = 2000
_LOOKED = 1000
_KINDS = ("record", "deleted", "decision", "action", "verdict", "receipt", "note", "outcome")


class Recalling(Insight):
    """The part of api.insight.port.Insight that finds things by their words."""

    async def recall(
        self, text: str, subject: str = "", limit: int = 50, rulesets: frozenset[str] | None = None
    ) -> tuple[Remembered, ...]:
        """See api.insight.port.Insight. What is newest is indexed first."""
        await self.index()
        most = max(limit, _LOOKED) if rulesets is not None else limit
        best = await self.parts.store.recall(text, subject=subject, limit=most)
        found = (await told_to(rulesets, best, self.parts.store))[:limit]
        shown = [(each, self._about(each)) for each in found if each.body is not None]
        labels = self.labels([about for _, about in shown])
        return tuple(
            Remembered(subject=about, label=labels.get(about, about), item=tell(each)) for each, about in shown
        )

    async def index(self) -> int:
        """See api.insight.port.Insight."""
        store = self.parts.store
        at, head = int(await store.setting(_AT) or 0), await store.head()
        if at >= head:
            return 0
        entries = await store.entries(at, limit=_BATCH)
        async with store.transaction() as tx:
            if int(await tx.setting(_AT) or 0) == at:  # another process may have been faster
                told = [each for each in entries if each.kind in _KINDS and each.body is not None]
                await tx.remember([(each.seq, each.person, _words(each)) for each in told])
                await tx.set_setting(_AT, str(entries[-1].seq))
        return head - entries[-1].seq

    def _about(self, entry: Stored) -> str:
        """Return whom the entry is about: the first subject that people know."""
        named = [each for each in entry.subjects if not each.startswith("action:")]
        customers = [each for each in named if each.startswith("customer:")]
        return next(iter((*customers, *named)), "")


def _words(entry: Stored) -> str:
    """Return what is said of an entry, and the texts it holds, which its telling may shorten."""
    said = tell(entry).text
    payload = (entry.body or {}).get("payload")
    return f"{said} {msgspec.json.encode(payload, enc_hook=str).decode()}" if payload else said
