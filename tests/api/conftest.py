from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from litestar import Litestar

from api.app import create_app
from api.served import Served
from api.views import Actor, Role
from tests.api.double import DoubleLayer

LOCAL = Actor(id="local", roles=frozenset({"admin"}), channel="cli")


@pytest.fixture
def local() -> Actor:
    return LOCAL


@pytest.fixture
def layer() -> DoubleLayer:
    return DoubleLayer()


@pytest.fixture
def served(layer) -> Served:
    return Served(layer)


@pytest.fixture
def app(served) -> Litestar:
    return create_app(served)


@pytest.fixture
async def client(app) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://opslayer.test") as client:
        yield client


@pytest.fixture
async def key(layer: DoubleLayer) -> Callable[[Role], dict[str, str]]:
    made = {}
    for role in ("viewer", "operator", "analyst", "admin", "auditor"):
        made[role] = (await layer.create_key(role, role, LOCAL)).secret
    return lambda role: {"Authorization": f"Bearer {made[role]}"}
