"""Looking over everything: lines, names, refusals, what models cost, and people's settings of the web."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from api.insight.chronicle import Chronicle
from api.insight.ledger import Ledger
from api.insight.line import Line
from api.insight.port import Denied, Spend, Written
from api.insight.questions import Question, question
from api.insight.spending import by_day
from api.layer.belonging import told_to
from api.layer.knowledge import Knowledge
from api.layer.parts import Parts
from api.layer.telling import tell
from api.names import folded, labels
from approvals.reading.questions import ABOUT, SYSTEM, VERSION, operation_name
from engine.events import Action
from engine.ports import Stored

_WEB = "web"
_TAIL = 20_000
_PAGE = 1000


class Insight(Knowledge):
    """api.insight.port.Insight, but for rules and trials."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._ledger = Ledger(lambda: self.parts.store)

    async def lines(self, rulesets: frozenset[str] | None = None) -> Sequence[Line]:
        """See api.insight.port.Insight."""
        return await self._ledger.lines(rulesets)

    async def chronicle(self, rulesets: frozenset[str] | None = None) -> Chronicle:
        """See api.insight.port.Insight."""
        return await self._ledger.chronicle(rulesets)

    async def head(self) -> int:
        """See api.insight.port.Insight."""
        return await self.parts.store.head()

    def labels(self, subjects: Sequence[str]) -> Mapping[str, str]:
        """See api.insight.port.Insight."""
        return labels(self.parts.pipeline.session, subjects)

    def folded(self, subjects: Sequence[str]) -> Sequence[str]:
        """See api.insight.port.Insight."""
        return folded(self.parts.pipeline.session, subjects)

    def holder(self, record: str) -> str:
        """See api.insight.port.Insight."""
        state = self.parts.pipeline.session.state
        for type in self.parts.pipeline.session.rulebook.model.entities:
            entity = state.entity(type, record)
            if entity is not None:
                return entity.ref
        return ""

    async def receipts(self, id: str) -> tuple[Written, ...]:
        """See api.insight.port.Insight."""
        found = await self.parts.store.entries(subject=f"action:{id}", kinds=("receipt",), limit=_PAGE)
        told = [(each.recorded_at, each.body) for each in found if each.body]
        names = ("result", "reference", "link", "detail")
        return tuple(Written(at=at, **{name: str(body.get(name) or "") for name in names}) for at, body in told)

    async def question(self, action: Action) -> Question | None:
        """See api.insight.port.Insight."""
        ruleset = self.parts.home.rulesets.get(action.key.ruleset)
        named = {f"{SYSTEM}.{operation_name(ruleset.id, each)}": each for each in ruleset.read} if ruleset else {}
        step = named.get(action.operation)
        if step is None:
            return None
        read = await self._read(f"{action.key.ruleset}.{step.id}", str(action.payload.get(ABOUT)), action.payload)
        return question(step, action.payload, read)

    async def _read(self, step: str, about: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a step found in one version of a text, by fact."""
        notes = await self.parts.store.entries(subject=about, kinds=("note",), limit=_PAGE)
        bodies = [each.body or {} for each in notes]
        found = (each for each in bodies if (each.get("reading"), each.get("version")) == (step, payload.get(VERSION)))
        return next((dict(each["facts"]) for each in found), {})

    async def denials(self, limit: int = 50, rulesets: frozenset[str] | None = None) -> tuple[Denied, ...]:
        """See api.insight.port.Insight."""
        last = (await told_to(rulesets, await self._tail("denied"), self.parts.store))[-limit:]
        told = [tell(each) for each in reversed(last)]
        return tuple(Denied(at=each.at, actor=each.actor, text=each.text) for each in told)

    async def spend(self) -> tuple[Spend, ...]:
        """See api.insight.port.Insight."""
        return by_day(await self._tail("llm"))

    async def _tail(self, kind: str) -> list[Stored]:
        """Return the newest entries of a kind that is rare, oldest first."""
        found: list[Stored] = []
        after = 0
        while page := await self.parts.store.entries(after, kinds=(kind,), limit=_PAGE):
            found = [*found, *page][-_TAIL:]
            after = page[-1].seq
        return found

    async def preference(self, person: str, name: str) -> Any:  # noqa: ANN401  (JSON)
        """See api.insight.port.Insight."""
        kept = await self.parts.store.setting(f"{_WEB}:{person}:{name}")
        return None if kept is None else msgspec.json.decode(kept)

    async def set_preference(self, person: str, name: str, value: Any) -> None:  # noqa: ANN401  (JSON)
        """See api.insight.port.Insight."""
        async with self.parts.store.transaction() as tx:
            await tx.set_setting(f"{_WEB}:{person}:{name}", msgspec.json.encode(value).decode())
