"""PostgreSQL's own programs for whole databases; passwords travel in the environment, never on the command line."""

import asyncio
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sqlalchemy import URL

from engine.ports import StoreUnavailable
from engine.store.errors import advised


async def dump(url: URL, file: Path, snapshot: str) -> None:
    """Write the database, as the snapshot sees it, in pg_dump's custom format; raises StoreUnavailable."""
    arguments = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={file}")
    await _run("pg_dump", url, arguments)


async def script_of(file: Path) -> Path:
    """Return a dump as an SQL script beside it; raises StoreUnavailable."""
    script = file.with_name("load.sql")
    arguments = ("--clean", "--if-exists", "--no-owner", "--no-privileges", f"--file={script}", str(file))
    await _run("pg_restore", None, arguments)
    return script


def rows_of(script: Path, table: str) -> Iterator[dict[str, str]]:
    """Yield the rows that a script has for a table, as text by column (PostgreSQL's COPY, text format)."""
    with script.open(encoding="utf-8", newline="\n") as lines:
        head = next((line for line in lines if line.startswith(f"COPY public.{table} (")), None)
        if head is None:
            return
        columns = [each.strip(' "') for each in head.partition("(")[2].partition(")")[0].split(",")]
        for line in lines:
            if line == "\\.\n":
                return
            yield dict(zip(columns, line.rstrip("\n").split("\t"), strict=True))


async def load(url: URL, script: Path, tables: Iterable[str]) -> None:
    """Replace what the database holds by a script, in one transaction; raises StoreUnavailable.

    `tables`: those of this version, which go even where the script, of an earlier one, does not know them.
    """
    first = f"DROP TABLE IF EXISTS {', '.join(sorted(tables))} CASCADE"
    whole = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--command={first}")
    await _run("psql", url, (*whole, f"--file={script}"))


async def _run(program: str, url: URL | None, arguments: Sequence[str]) -> None:
    path = shutil.which(program)
    if path is None:
        raise StoreUnavailable(f"{program} is not installed; install PostgreSQL's client programs.")
    reached = (f"--dbname={url.database}", "--no-password") if url else ()
    called = await asyncio.create_subprocess_exec(
        path,
        *reached,
        *arguments,
        env={**os.environ, **(_environment(url) if url else {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await called.communicate()
    if called.returncode:
        lines = told.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise StoreUnavailable(f"{program} failed: {advised(RuntimeError(lines[0]))}")


def _environment(url: URL) -> dict[str, str]:
    """Return the connection as libpq's variables; what the address leaves open is left to the environment."""
    found = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
    return {name: str(value) for name, value in found.items() if value}
