"""What came in: event ids, cursors, quarantine, and the names of entities."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
from sqlalchemy import Row, Select, and_, delete, select, update

from engine.canonical import digest
from engine.events import Record
from engine.memory import Hint, Quarantined, QuarantineState
from engine.ports import Rejected
from engine.store.codec import decode, encode
from engine.store.columns import clean
from engine.store.schema import cursors, heard, hints, identity, quarantine, seen_events
from engine.store.work import Work

_NAMES: Final = 500
"""How many keys one statement asks for; databases limit the variables."""


class Inputs(Work):
    """The tables between connectors and the model."""

    async def seen(self, source: str, event_id: str) -> bool:
        """See ports.Transaction."""
        values = {"source": source, "event_id": event_id, "at": self._context.clock.now()}
        return not await self._insert_new(seen_events, values)

    async def forget_seen(self, source: str, stream: str) -> None:
        """See ports.Transaction."""
        read = seen_events.c.event_id.startswith(f"{stream}/", autoescape=True)
        await self._run(delete(seen_events).where(seen_events.c.source == source, read))

    async def cursor(self, source: str, stream: str) -> str:
        """See ports.Transaction."""
        wanted = select(cursors.c.cursor).where(cursors.c.source == source, cursors.c.stream == stream)
        return (await self._run(wanted)).scalar() or ""

    async def set_cursor(self, source: str, stream: str, cursor: str) -> None:
        """See ports.Transaction."""
        await self._upsert(cursors, {"source": source, "stream": stream, "cursor": cursor})

    async def hint(self, hint: Hint) -> None:
        """See ports.Transaction."""
        values = {"source": hint.source, "stream": hint.stream, "key": clean(hint.key)}
        if await self._insert_new(hints, values | {"gone": int(hint.gone), "told": 1}):
            return
        gone = {"gone": 1} if hint.gone else {}
        await self._run(update(hints).where(_hinted(hint)).values(told=hints.c.told + 1, **gone))

    async def heeded(self, hint: Hint) -> None:
        """See ports.Transaction."""
        await self._run(delete(hints).where(_hinted(hint), hints.c.told == hint.told))

    async def heard(self, record: Record, mark: Decimal | datetime) -> bool:
        """See ports.Transaction. A number and a moment are not compared: the later one to come counts."""
        named = {"source": record.source, "stream": record.stream, "key": clean(record.key)}
        wanted = select(heard.c.mark).where(*(heard.c[name] == value for name, value in named.items()))
        known = (await self._run(wanted)).scalar()
        before = None if not known else datetime.fromisoformat(known) if "T" in known else Decimal(known)
        if isinstance(before, type(mark)) and mark < before:  # type: ignore[operator]  # both of one type
            return False
        await self._upsert(heard, {**named, "mark": mark.isoformat() if isinstance(mark, datetime) else str(mark)})
        return True

    async def identity(self, entity: str, keys: Sequence[str]) -> dict[str, str]:
        """See ports.Transaction."""
        found: dict[str, str] = {}
        for start in range(0, len(keys), _NAMES):
            some = identity.c.key.in_(keys[start : start + _NAMES])
            rows = await self._run(select(identity.c.key, identity.c.id).where(identity.c.entity == entity, some))
            found.update((key, id) for key, id in rows)
        return {key: found[clean(key)] for key in keys if clean(key) in found}

    async def set_identity(self, entity: str, id: str, keys: Sequence[str]) -> None:
        """See ports.Transaction."""
        if keys:
            await self._upsert(
                identity, [{"entity": entity, "key": key, "id": id} for key in dict.fromkeys(map(clean, keys))]
            )

    async def quarantine(self, rejected: Rejected, at: datetime) -> str:
        """See ports.Transaction. Comes back to `waiting` unless a person dropped this very text."""
        rejected = msgspec.structs.replace(rejected, key=clean(rejected.key), raw=clean(rejected.raw))
        id = quarantine_id(rejected)
        values = {"id": id, "source": rejected.source, "state": "waiting", "first_at": at, "last_at": at, "times": 1}
        document = encode(rejected)
        if await self._insert_new(quarantine, values | {"document": document}):
            return id
        state, before = (await self._run(select(quarantine.c.state, quarantine.c.document).where(_named(id)))).one()
        kept = state if state == "dropped" and before == document else "waiting"
        again = {"state": kept, "last_at": at, "times": quarantine.c.times + 1, "document": document}
        await self._run(update(quarantine).where(_named(id)).values(again))
        return id

    async def set_quarantine(self, id: str, state: QuarantineState) -> bool:
        """Settle an item; False when there is none."""
        return (await self._run(update(quarantine).where(_named(id)).values(state=state))).rowcount == 1

    async def quarantined(self, id: str) -> Quarantined | None:
        """Return one item, None when unknown."""
        row = (await self._run(quarantine_rows().where(_named(id)))).one_or_none()
        return None if row is None else to_quarantined(row)


def quarantine_id(rejected: Rejected) -> str:
    """The same record with the same fault has the same id; without a key, the same text."""
    what = rejected.key or rejected.raw
    return digest([rejected.source, rejected.stream, what, rejected.problem.code])[:16]


def quarantine_rows() -> Select[Any]:
    """Items, to be narrowed."""
    return select(quarantine)


def to_quarantined(row: Row[Any]) -> Quarantined:
    """An item from its row."""
    rejected = decode(row.document, Rejected)
    settled: Mapping[str, Any] = {name: getattr(row, name) for name in ("id", "state", "first_at", "last_at", "times")}
    return Quarantined(
        source=rejected.source,
        stream=rejected.stream,
        key=rejected.key,
        raw=rejected.raw,
        problem=rejected.problem,
        **settled,
    )


def _hinted(hint: Hint) -> Any:  # noqa: ANN401  (a SQL condition)
    return and_(hints.c.source == hint.source, hints.c.stream == hint.stream, hints.c.key == clean(hint.key))


def _named(id: str) -> Any:  # noqa: ANN401  (a SQL condition)
    return quarantine.c.id == id
