"""Pages that listen for what changes hold a connection each: one person does not get all of them."""

from contextlib import AsyncExitStack

import httpx

from api.app import create_app
from api.web import live
from tests.api.test_limits import running, until


async def test_one_person_listens_so_often_and_again_when_a_window_is_closed(served, layer, local, monkeypatch):
    monkeypatch.setattr(live, "MOST", 3)
    monkeypatch.setattr(live, "EVERY", 0.05)

    async def session(person):
        key = await layer.create_key(f"web {person}", None, local, person=person, kind="session")
        return {"cookie": f"opslayer_session={key.secret}"}

    ayse, mehmet = await session("ayse"), await session("mehmet")
    async with (
        running(create_app(served)) as (_, port),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):

        async def listening(stack, who):
            return (await stack.enter_async_context(client.stream("GET", "/live", headers=who))).status_code

        async with AsyncExitStack() as windows:
            assert [await listening(windows, ayse) for _ in range(3)] == [200] * 3
            await until(lambda: served.streams["ayse"] == 3)
            refused = await client.get("/live", headers=ayse)
            assert (refused.status_code, "retry-after" in refused.headers) == (429, True)
            assert await listening(windows, mehmet) == 200
        await until(lambda: served.streams["ayse"] == 0)
        async with AsyncExitStack() as windows:
            assert await listening(windows, ayse) == 200
        served.closing.set()
