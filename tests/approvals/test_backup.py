import shutil
from pathlib import Path

from approvals.dispatch.restored import notice
from engine.store import open_store
from tests.approvals.world import SECRET, ManualClock, World, task


async def opened(path: Path, clock: ManualClock) -> World:
    return World(await open_store(f"sqlite:///{path}", clock=clock, secret=SECRET), clock)


async def test_14_after_yesterdays_backup_nothing_already_done_is_done_again(tmp_path: Path):
    clock = ManualClock()
    world = await opened(tmp_path / "live.db", clock)
    await world.propose("done", policy="tasks", **task())
    await world.propose("mailed")
    await world.decide("approve", id="mailed")
    await world.propose("open", policy="tasks", **task())
    await world.store.aclose()
    shutil.copy(tmp_path / "live.db", tmp_path / "backup.db")

    world = await opened(tmp_path / "live.db", clock)
    for id in ("done", "mailed"):
        await world.dispatcher().dispatch(await world.action(id))
    assert [await world.state(id) for id in ("done", "mailed", "open")] == ["sent", "sent", "approved"]
    await world.store.aclose()

    clock.advance(days=1)
    restored = await opened(tmp_path / "backup.db", clock)
    restored.crm, restored.mail = world.crm, world.mail
    async with restored.store.transaction() as tx:
        await notice(tx, 5, 9, clock.now())
    for _ in range(3):
        await restored.dispatcher().run()
        clock.advance(minutes=5)
        await restored.look_up().run()
    assert [await restored.state(id) for id in ("done", "mailed", "open")] == ["sent", "unknown", "sent"]
    assert sorted(key for key, _ in world.crm.written) == ["done", "open"]
    assert [key for key, _ in world.mail.written] == ["mailed"]
    await restored.store.aclose()
