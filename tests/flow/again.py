"""Replays a home's journal in a process of its own and prints every decision, one JSON document a line."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from api.bootstrap import open_layer
from api.clock import SimulatedClock
from engine.inference.clock import HeldClock
from engine.replay import History
from engine.store.codec import encode


async def main(home: Path) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    async with open_layer(home, SimulatedClock(now)) as layer:
        history = History(layer.parts.store, layer.parts.pipeline.session.rulebook)
        async for decision in history.decided(HeldClock(now)):
            sys.stdout.write(encode(decision) + "\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
