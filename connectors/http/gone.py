"""A list of what was deleted, for systems that take deleted records out of every other answer."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from connectors.http.answer import dig
from connectors.http.asking import Asking
from connectors.http.items import Items
from connectors.http.paging import first
from connectors.http.settings import HttpGone
from connectors.http.transport import Transport
from connectors.http.walking import walk
from connectors.values import moment
from engine.events import Record

SLACK = timedelta(minutes=1)
"""How far back deletions are told again, because commits come late and clocks differ."""
MOST_TOLD = 5000


class Buried(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was told of deletions: up to which moment, which of them near to it, and when the list was `asked` for."""

    until: datetime
    asked: datetime
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    """The deletions of one stream."""

    transport: Transport
    settings: HttpGone
    items: Items
    asking: Asking

    def due(self, before: Buried | None, now: datetime) -> bool:
        """Whether it is time to look; what was gone before the first full scan was never known."""
        return before is not None and now - before.asked >= self.settings.every

    async def since(self, before: Buried, now: datetime) -> AsyncIterator[tuple[Sequence[Record], Buried]]:
        """Yield what was deleted since, page by page, and with each where the next look begins; raises SourceDown."""
        marks: dict[str, datetime] = {}
        ask = first(self.settings.page, self.settings.params, "")
        async for _, listed in walk(self.transport, self.asking, self.items, ask):
            found = {
                digest: at
                for digest, item in listed.items()
                if (at := self._at(item)) is not None and at >= before.until - SLACK
            }
            told = [self._record(listed[digest], at) for digest, at in found.items() if digest not in before.told]
            marks |= found
            yield [each for each in told if each is not None], self._after(before, marks, now)

    def _after(self, before: Buried, marks: dict[str, datetime], now: datetime) -> Buried:
        until = min(max([before.until, *marks.values()]), max(now, before.until))
        told = [digest for digest, at in marks.items() if at >= until - SLACK]
        return Buried(until=until, asked=now, told=tuple(told[-MOST_TOLD:]))

    def _at(self, item: object) -> datetime | None:
        return moment(dig(item, self.settings.at), self.items.zone)

    def _record(self, item: Any, at: datetime) -> Record | None:  # noqa: ANN401  (JSON)
        if not (key := self.items.key(item)):
            return None
        return Record(
            source=self.items.source,
            stream=self.items.stream,
            key=key,
            data={},
            version=f"gone {at.isoformat()}",
            valid_at=at,
            deleted=True,
            origin=f"{self.items.source}:{self.settings.path}",
        )
