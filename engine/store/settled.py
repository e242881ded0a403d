"""What people and programs settled: switches, keys, settings; and the engine's snapshots."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec
from sqlalchemy import delete, insert, select, update

from engine.memory import ApiKey, Pulled
from engine.settings.people import Role
from engine.store.recall import folded, remembering
from engine.store.schema import api_keys, settings, snapshots, switches
from engine.store.work import Work

_PREFIX: Final = "ops_"
_SNAPSHOTS: Final = 3


class Settled(Work):
    """The tables about running the layer."""

    async def switches(self) -> Mapping[str, Pulled]:
        """See ports.Transaction."""
        rows = await self._run(select(switches).order_by(switches.c.scope))
        return {row.scope: Pulled(reason=row.reason, by=row.by, at=row.at) for row in rows}

    async def set_switch(self, scope: str, on: bool, reason: str, by: str) -> None:
        """See ports.Transaction."""
        if on:
            row = {"scope": scope, "reason": reason, "by": by, "at": self._context.clock.now()}
            await self._upsert(switches, row)
        else:
            await self._run(delete(switches).where(switches.c.scope == scope))

    async def save_snapshot(self, seq: int, content: bytes) -> None:
        """Keep the engine's state after entry `seq`, and the two before it."""
        await self._upsert(snapshots, {"seq": seq, "at": self._context.clock.now(), "content": content})
        kept = select(snapshots.c.seq).order_by(snapshots.c.seq.desc()).limit(_SNAPSHOTS)
        await self._run(delete(snapshots).where(snapshots.c.seq.not_in(kept)))

    async def create_key(
        self,
        name: str,
        role: Role | None,
        at: datetime,
        *,
        kind: Literal["api", "session"] = "api",
        person: str = "",
        expires_at: datetime | None = None,
    ) -> tuple[ApiKey, str]:
        """Make a key; the text returned is shown once, only its SHA-256 is kept."""
        text = _PREFIX + secrets.token_urlsafe(32)
        key = ApiKey(
            id=secrets.token_hex(6),
            name=name,
            role=role,
            kind=kind,
            person=person,
            created_at=at,
            expires_at=expires_at,
        )
        values = {**msgspec.structs.asdict(key), "role": role or "", "hash": key_hash(text)}
        await self._run(insert(api_keys), values)
        return key, text

    async def revoke_key(self, id: str, at: datetime) -> bool:
        """Let a key open nothing any more; False when there is none to revoke."""
        live = (api_keys.c.id == id, api_keys.c.revoked_at.is_(None))
        return (await self._run(update(api_keys).where(*live).values(revoked_at=at))).rowcount == 1

    async def remember(self, said: Sequence[tuple[int, str, str]]) -> None:
        """See ports.Transaction."""
        rows = [{"seq": seq, "person": person, "words": folded(text)} for seq, person, text in said]
        for statement, values in remembering(rows, self._context.dialect) if rows else ():
            await self._run(statement, values)

    async def setting(self, name: str) -> str | None:
        """Return a setting of the running layer, such as the simulated clock."""
        value: str | None = (await self._run(select(settings.c.value).where(settings.c.name == name))).scalar()
        return value

    async def set_setting(self, name: str, value: str) -> None:
        """Store a setting."""
        await self._upsert(settings, {"name": name, "value": value})


def key_hash(text: str) -> bytes:
    """How a key is kept: 256 random bits need no slow hash."""
    return hashlib.sha256(text.encode()).digest()
