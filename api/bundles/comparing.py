"""Comparing revisions apart from the layer: in a process of its own, so that nobody waits for it."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SECONDS: Final = 300
"""A comparison that takes longer is ended."""
_MAIN: Final = "from api.cli import main; main()"


@dataclass(frozen=True, slots=True)
class Compared:
    """The report in the form asked for, and whether any decision differs."""

    content: bytes
    differs: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """Why there is no report, with the exit code of `opslayer diff`; -1 when it took too long."""

    code: int
    reason: str


async def compare_apart(
    folder: Path, base: str, head: str, *, period: str = "", examples: int = 5, form: str = "json"
) -> Compared | Failed:
    """Run `opslayer diff` on a home folder."""
    options = ["--examples", str(examples)]
    options += ["--period", period] if period else []
    options += ["--format", form] if form != "json" else []
    general = ["--json"] if form == "json" else []
    command = [sys.executable, "-c", _MAIN, "--home", str(folder), *general, "diff", *options, "--", base]
    process = await asyncio.create_subprocess_exec(
        *command, *([head] if head else []), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        out, told = await asyncio.wait_for(process.communicate(), SECONDS)
    except TimeoutError:
        return Failed(-1, f"The comparison took longer than {SECONDS} seconds; name a shorter period.")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode in (0, 1):
        return Compared(out, process.returncode == 1)
    lines = told.decode("utf-8", "replace").strip().splitlines()
    return Failed(process.returncode or 3, lines[-1] if lines else "The comparison could not be done.")
