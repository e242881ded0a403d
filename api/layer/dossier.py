"""Everything the journal holds about one action, put together for an auditor."""

from collections.abc import AsyncIterator

from api.layer.parts import Parts
from api.views import Dossier, DossierEntry, PayloadVersion
from engine.ports import Reader, Stored

_PAGE = 1000


async def dossier(parts: Parts, id: str) -> Dossier | None:
    """Return the dossier of an action, None when it is unknown."""
    action = await parts.store.action(id)
    if action is None:
        return None
    entries = [stored async for stored in _entries(parts.store, f"action:{id}")]
    return Dossier(
        at=parts.clock.now(),
        action=action,
        decision=await parts.store.decision(id),
        versions=tuple(_version(stored) for stored in entries if "payload" in (stored.body or {})),
        entries=tuple(
            DossierEntry(seq=stored.seq, kind=stored.kind, at=stored.recorded_at, actor=stored.actor, body=stored.body)
            for stored in entries
        ),
        head=await parts.store.head(),
    )


def _version(stored: Stored) -> PayloadVersion:
    body = stored.body or {}
    return PayloadVersion(
        version=int(body["version"]),
        digest=str(body["digest"]),
        at=stored.recorded_at,
        by=stored.actor,
        payload=body["payload"],
    )


async def _entries(reader: Reader, subject: str) -> AsyncIterator[Stored]:
    after = 0
    while page := await reader.entries(after, subject=subject, limit=_PAGE):
        for stored in page:
            yield stored
        after = page[-1].seq
