"""Key figures of rulesets, observed on the facts that are known."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from time import monotonic
from zoneinfo import ZoneInfo

from api.insight.kpi import Figure, Observed, Series, figure
from api.layer.insight import Insight
from api.layer.parts import Parts
from engine.inference.state import Entity
from engine.rules.figures import Kpi

_BREATH = 500
AGE = 60.0
"""Seconds that what was observed is good for; then it is looked up again, and shown as it was until that is done."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was observed of a figure, and when."""

    kpi: Kpi
    head: int
    at: float
    found: Series


class Figures(Insight):
    """The part of api.insight.port.Insight that measures."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._looked: dict[str, _Looked] = {}
        self._underway: dict[str, asyncio.Task[Series]] = {}

    async def kpis(self, ruleset: str, since: date, until: date) -> tuple[Figure, ...]:
        """See api.insight.port.Insight."""
        found = []
        for id, each in self.parts.home.rulesets.items():
            for kpi in each.kpi if ruleset in ("", id) else ():
                empty = Figure(
                    id=kpi.id, ruleset=id, title=kpi.title or kpi.id.replace("_", " "), about=kpi.about, unit=kpi.unit,
                    lower=kpi.better == "lower", since=since, until=until,
                    before_from=date.fromisoformat(kpi.baseline.from_) if kpi.baseline.from_ else None,
                    before_until=date.fromisoformat(kpi.baseline.until),
                )  # fmt: skip
                found.append(figure(empty, await self._seen(id, kpi)))
        return tuple(found)

    async def _seen(self, ruleset: str, kpi: Kpi) -> Series:
        """Return what is observed, looked up again when anything happened, at most each minute."""
        name, head = f"{ruleset}/{kpi.id}", await self.parts.store.head()
        known = self._looked.get(name)
        if known is not None and known.kpi is kpi and (known.head == head or monotonic() - known.at < AGE):
            return known.found
        looking = self._underway.get(name)
        if looking is None or looking.done():
            looking = self._underway[name] = asyncio.create_task(self._look(name, kpi, head))
        return known.found if known is not None and known.kpi is kpi else await asyncio.shield(looking)

    async def _look(self, name: str, kpi: Kpi, head: int) -> Series:
        found = Series([each async for each in self._observed(kpi)])
        self._looked[name] = _Looked(kpi, head, monotonic(), found)
        return found

    async def _observed(self, kpi: Kpi) -> AsyncIterator[Observed]:
        """Yield the observations; others are served meanwhile."""
        known = list(self.parts.pipeline.session.state.entities.get(kpi.of, {}).values())
        for place, entity in enumerate(known):
            if place % _BREATH == _BREATH - 1:
                await asyncio.sleep(0)
            for each in self._of(kpi, entity):
                yield each

    def _of(self, kpi: Kpi, entity: Entity) -> Iterator[Observed]:
        session = self.parts.pipeline.session
        if kpi.when is not None and session.value(entity, kpi.when.text) is not True:
            return
        value, day = session.value(entity, kpi.value.text), session.value(entity, kpi.at.text)
        if isinstance(day, datetime):
            day = day.astimezone(ZoneInfo(self.parts.home.app.timezone)).date()
        if isinstance(day, date) and isinstance(value, bool | Decimal | int | float):
            yield Observed(day, value if isinstance(value, bool) else float(value))
