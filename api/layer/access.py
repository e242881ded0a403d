"""Keys, sessions and passwords; what is secret is kept as a hash only."""

from datetime import datetime
from typing import Literal

from api.layer.desk import Desk
from api.outcomes import Refused
from api.views import Actor, NewKey
from engine.memory import ApiKey
from engine.ports import Entry
from engine.settings.people import Role
from engine.source.problem import Problem

_MOST_TOLD = 300
"""How much of a denied try is kept: whoever may do nothing must not fill the journal."""
_PASSWORD = "password:"  # noqa: S105  (the name of a setting)


class Access(Desk):
    """api.facade.Access."""

    async def create_key(
        self,
        name: str,
        role: Role | None,
        actor: Actor,
        *,
        person: str = "",
        kind: Literal["api", "session"] = "api",
        expires_at: datetime | None = None,
    ) -> NewKey | Refused:
        """See api.facade.Access."""
        if person and person not in self.parts.people:
            return Refused(
                (
                    Problem(
                        "unknown-person",
                        f"there is no person `{person}`",
                        hint=f"people: {', '.join(self.parts.people)}",
                    ),
                )
            )
        if role is None and not person:
            return Refused((Problem("no-role", "a key bound to nobody needs a role"),))
        if any(key.name == name and key.revoked_at is None for key in await self.parts.store.keys()):
            return Refused(
                (
                    Problem(
                        "name-in-use",
                        f"there is a key called `{name}` already",
                        hint="Revoke it first, or take another name.",
                    ),
                )
            )
        now = self.parts.clock.now()
        async with self.parts.pipeline.transaction() as tx:
            key, secret = await tx.create_key(name, role, now, kind=kind, person=person, expires_at=expires_at)
            if kind == "api":
                body = {"key": key.id, "name": name, "role": role or "", "person": person, "does": "create"}
                await tx.append(Entry(kind="key", recorded_at=now, actor=actor.id, body=body))
        return NewKey(secret=secret, info=key)

    async def keys(self) -> tuple[ApiKey, ...]:
        """See api.facade.Access."""
        return tuple(key for key in await self.parts.store.keys() if key.kind == "api")

    async def revoke_key(self, id: str, actor: Actor) -> bool:
        """See api.facade.Access."""
        live = [key for key in await self.parts.store.keys() if key.revoked_at is None]
        named = next((key for key in live if id == key.id or (key.kind == "api" and id == key.name)), None)
        if named is None:
            return False
        await self._revoke(named, actor)
        return True

    async def _revoke(self, key: ApiKey, actor: Actor) -> None:
        now = self.parts.clock.now()
        async with self.parts.pipeline.transaction() as tx:
            await tx.revoke_key(key.id, now)
            if key.kind == "api":
                body = {"key": key.id, "name": key.name, "does": "revoke"}
                await tx.append(Entry(kind="key", recorded_at=now, actor=actor.id, body=body))

    async def authenticate(self, secret: str) -> Actor | None:
        """See api.facade.Access."""
        key = await self.parts.store.key(secret)
        if key is None or (key.expires_at is not None and key.expires_at <= self.parts.clock.now()):
            return None
        person = next((each for each in self.people() if each.id == key.person), None)
        if key.person and person is None:
            return None
        roles = frozenset({key.role} if key.role else person.roles if person else ())
        return Actor(
            id=person.id if person else f"key:{key.name}",
            roles=roles,
            channel="web" if key.kind == "session" else "api",
            name=person.name if person else key.name,
            key_id=key.id,
            key_kind=key.kind,
            rulesets=person.rulesets if person else (),
            amount_limit=person.amount_limit if person else None,
        )

    async def password_hash(self, person: str) -> str:
        """See api.facade.Access."""
        return await self.parts.store.setting(_PASSWORD + person) or ""

    async def set_password_hash(self, person: str, hash: str, actor: Actor) -> None:
        """See api.facade.Access."""
        async with self.parts.pipeline.transaction() as tx:
            await tx.set_setting(_PASSWORD + person, hash)
            body = {"person": person, "does": "set password"}
            await tx.append(Entry(kind="key", recorded_at=self.parts.clock.now(), actor=actor.id, body=body))
        for key in await self.parts.store.keys():
            if key.kind == "session" and key.person == person and key.revoked_at is None:
                await self._revoke(key, actor)

    async def denied(self, actor: Actor | None, what: str, why: str) -> None:
        """See api.facade.Access."""
        body = {"what": what[:_MOST_TOLD], "why": why[:_MOST_TOLD], "channel": actor.channel if actor else ""}
        async with self.parts.pipeline.transaction() as tx:
            now = self.parts.clock.now()
            await tx.append(Entry(kind="denied", recorded_at=now, actor=actor.id if actor else "nobody", body=body))
