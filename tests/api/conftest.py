from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from api.app import create_app
from api.served import Served
from api.views import Actor, Role
from tests.api.double import DoubleLayer

LOCAL = Actor(id="local", roles=frozenset({"admin"}), channel="cli")


@pytest.fixture
def layer() -> DoubleLayer:
    return DoubleLayer()


@pytest.fixture
async def client(layer: DoubleLayer) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(Served(layer)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://opslayer.test") as client:
        yield client


@pytest.fixture
async def key(layer: DoubleLayer) -> Callable[[Role], dict[str, str]]:
    made = {}
    for role in ("viewer", "operator", "analyst", "admin", "auditor"):
        made[role] = (await layer.create_key(role, role, LOCAL)).secret
    return lambda role: {"Authorization": f"Bearer {made[role]}"}
