"""The sample company: its source systems, its payers and its business life, all a function of one seed."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.cli.shell import Shell


def run(shell: "Shell", *, seed: int, days: int, serve: bool, folder: Path | None, port: int) -> int:
    """Play the sample company; see `api.demo.run`."""
    from api.demo.run import run as play  # the generator alone needs none of the layer

    return play(shell, seed=seed, days=days, serve=serve, folder=folder, port=port)
