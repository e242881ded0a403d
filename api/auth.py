"""Who may call what: bearer keys for the API, deny by default, every denied try remembered."""

from typing import cast

import msgspec
from litestar.handlers import BaseRouteHandler

from api.problems import Faulty
from api.served import Connection, layer_of, served_of
from api.views import Actor
from engine.settings.people import Role
from engine.settings.roles import REACHES

PUBLIC = "public"


def actor_of(connection: Connection) -> Actor:
    """Return who asks; only behind a guard."""
    return cast("Actor", connection.scope["user"])


def allows(actor: Actor, needed: Role) -> bool:
    """Whether one of the actor's roles reaches `needed`; who audits reads, whatever other roles they hold."""
    held = frozenset[Role]({"auditor"}) if "auditor" in actor.roles else actor.roles
    return any(needed in REACHES[role] for role in held)


async def api_guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let a bearer key pass whose role reaches the route's; a route that names no role is closed."""
    needed = handler.opt.get("role")
    if needed == PUBLIC:
        return
    actor = await _bearer(connection)
    if needed is None or not allows(actor, needed):
        await layer_of(connection).denied(actor, _what(connection), f"needs {needed}")
        raise Faulty(403, "forbidden", f"This needs the role {needed}.")
    connection.scope["user"] = actor


async def _bearer(connection: Connection) -> Actor:
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    challenge = {"WWW-Authenticate": "Bearer"}
    if scheme.lower() != "bearer" or not secret.strip():
        raise Faulty(401, "unauthorized", "Send an API key as Authorization: Bearer KEY.", headers=challenge)
    actor = await layer_of(connection).authenticate(secret.strip())
    if actor is None or actor.key_kind != "api":  # a right key never waits for those who guess from its address
        tries = served_of(connection).key_tries
        host = connection.client.host if connection.client else ""
        wait = tries.wait(host)
        if wait:
            raise Faulty(429, "too-many-tries", "Too many wrong keys; wait.", headers={"Retry-After": str(wait)})
        tries.failed(host)
        await layer_of(connection).denied(None, _what(connection), "unknown key")
        raise Faulty(401, "unauthorized", "This API key is unknown, expired or revoked.", headers=challenge)
    wait = served_of(connection).rates.wait(actor.id)
    if wait:
        raise Faulty(429, "too-many-requests", "This key asks too often; wait.", headers={"Retry-After": str(wait)})
    return msgspec.structs.replace(actor, channel="api")


def _what(connection: Connection) -> str:
    return f"{connection.scope.get('method', '')} {connection.url.path}"
