"""Keys, sessions and passwords of the facade's double."""
# ruff: noqa: ARG002  (a double takes what the protocol gives)

import hashlib
from typing import Any

import msgspec

from api import outcomes, views
from api.clock import SimulatedClock
from engine.memory import ApiKey
from engine.source.problem import Problem
from tests.api import sample


class DoubleAccess:
    """Implements `api.facade.Access`."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(sample.NOW)
        self.secrets: dict[str, ApiKey] = {}
        self.hashes: dict[str, str] = {}
        self.refused_tries: list[tuple[str, str]] = []

    async def create_key(
        self, name: str, role: Any, actor: views.Actor, **more: Any
    ) -> views.NewKey | outcomes.Refused:
        if (
            any(info.name == name and info.kind == "api" for info in self.secrets.values())
            and more.get("kind") != "session"
        ):
            return outcomes.Refused((Problem("name-in-use", f"There is a key named {name}."),))
        if more.get("person") and more["person"] not in {each.id for each in sample.PEOPLE}:
            return outcomes.Refused((Problem("unknown-person", f"There is no person {more['person']}."),))
        secret = f"opl_{hashlib.sha256(f'{name}{len(self.secrets)}'.encode()).hexdigest()}"
        info = ApiKey(id=f"k{len(self.secrets) + 1}", name=name, role=role, created_at=self.clock.now(), **more)
        self.secrets[secret] = info
        return views.NewKey(secret=secret, info=info)

    async def keys(self) -> tuple[ApiKey, ...]:
        return tuple(info for info in self.secrets.values() if info.kind == "api")

    async def revoke_key(self, id: str, actor: views.Actor) -> bool:
        for secret, info in self.secrets.items():
            if id in (info.id, info.name) and info.revoked_at is None:
                self.secrets[secret] = msgspec.structs.replace(info, revoked_at=self.clock.now())
                return True
        return False

    async def authenticate(self, secret: str) -> views.Actor | None:
        info = self.secrets.get(secret)
        if info is None or info.revoked_at or (info.expires_at and info.expires_at <= self.clock.now()):
            return None
        person = next((each for each in sample.PEOPLE if each.id == info.person), None)
        roles = frozenset({info.role} if info.role else person.roles if person else ())
        return views.Actor(
            id=info.person or f"key:{info.name}", roles=roles, channel="api", name=person.name if person else info.name,
            key_id=info.id, key_kind=info.kind, rulesets=person.rulesets if person else (),
        )  # fmt: skip

    async def password_hash(self, person: str) -> str:
        return self.hashes.get(person, "")

    async def set_password_hash(self, person: str, hash: str, actor: views.Actor) -> None:
        self.hashes[person] = hash

    async def denied(self, actor: views.Actor | None, what: str, why: str) -> None:
        self.refused_tries.append((actor.id if actor else "", what))
