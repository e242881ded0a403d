"""Out of office as people say it while the layer runs, over what config/people.yaml says."""

from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from approvals.structs import Person
from engine.ports import Entry, Reader, Transaction

_AWAY = "away:"


async def go(tx: Transaction, person: Person, days: tuple[date, date] | None, by: str, at: datetime) -> None:
    """Let a person be away from the first to the last day; None brings them back, whatever the file says."""
    told = " ".join(each.isoformat() for each in days) if days else "-"
    await tx.set_setting(_AWAY + person.id, told)
    body = {"person": person.id, "away": told, "delegate": person.delegate}
    await tx.append(Entry(kind="note", recorded_at=at, actor=by, subjects=(f"person:{person.id}",), body=body))


async def as_told(reader: Reader, people: Mapping[str, Person]) -> dict[str, Person]:
    """Return the people with when they are away."""
    told = await reader.settings([_AWAY + id for id in people])
    return {id: _told(each, told.get(_AWAY + id, "")) for id, each in people.items()}


def _told(person: Person, setting: str) -> Person:
    if not setting:
        return person
    first, _, last = setting.partition(" ")
    away = (date.fromisoformat(first), date.fromisoformat(last)) if last else None
    return msgspec.structs.replace(person, away=away)
