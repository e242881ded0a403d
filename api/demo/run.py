"""`opslayer demo`: play, tell, serve."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from api.demo.play import Play
from api.demo.telling import tell
from api.layer import OpsLayer

if TYPE_CHECKING:
    from api.cli.shell import Shell


def run(shell: "Shell", *, seed: int, days: int, serve: bool, folder: Path | None, port: int) -> int:
    """Play the sample company's first days, print what came of them, and serve the web page until Ctrl-C."""
    return asyncio.run(_run(shell, seed, days, serve, folder or Path("var") / "demo" / f"seed-{seed}", port))


async def _run(shell: "Shell", seed: int, days: int, serve: bool, folder: Path, port: int) -> int:
    play = Play(folder, seed, days)
    shell.say(f"The sample company lives in {folder}; its systems in systems/, the layer's home in home/.")
    async with play.open() as layer:
        await _play(play, layer)
        told = await tell(layer)
        shell.say(told.text())
        shell.give(told)
        if serve:
            await _serve(shell, layer, port)
    return 0


async def _play(play: Play, layer: OpsLayer) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=40),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=False) as bar:
        task = bar.add_task("Twelve weeks", total=1.0)

        def progress(at: datetime, share: float) -> None:
            bar.update(task, completed=share, description=f"{at:%d %b %Y}")

        await play.run(layer, progress)
        bar.update(task, completed=1.0)


async def _serve(shell: "Shell", layer: OpsLayer, port: int) -> None:
    from api.server import listen, serve_layer

    try:
        socket = listen("127.0.0.1", port)
    except OSError:
        socket = listen("127.0.0.1", 0)

    def announce(urls: dict[str, str]) -> None:
        shell.say(f"\nServing {urls['url']} (Ctrl-C ends)\nSign in once, as admin: {urls['sign_in']}")

    await serve_layer(layer, socket, secure=False, simulated=True, link=True, announce=announce)
