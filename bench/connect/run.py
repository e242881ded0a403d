"""Reading systems: records a second by SQL and by OData, beside the same rows fetched barely, and the unified view.

Each row goes the whole way to an entity: read by its connector, then mapped. SQL is SQLite's and, where one answers on
loopback, PostgreSQL's; OData is SAP CAP's, V4. The view has three sources that take 300 ms each; once one hangs.
"""

import argparse
import asyncio
import csv
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlalchemy import text as statement
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from api.bootstrap import _mappers, open_layer
from api.clock import SimulatedClock, SystemClock
from connectors.registry import open_connector
from connectors.settings import Surroundings
from engine.events import Record
from engine.rules import load_home
from engine.source import Memory
from tests.api.layer.test_unified import NAMES, NOW, account, systems, write
from tests.connectors.peers import free_port, node_modules, process

POSTGRES = "postgresql+asyncpg://postgres@127.0.0.1:5432/test"
CUSTOMERS, TABLE = 1000, "opslayer_bench_rows"
SERVICE = """
@path: '/erp'
service erp {
  @cds.query.limit: { default: 1000, max: 1000 }
  entity Items { key number: String(20); amount: Decimal(15, 2); text: String(100); changed: Timestamp; }
}
"""
MODEL = """
format: 1
entities:
  item:
    root: item
    fields: {number: text, amount: {type: money, currency: EUR}, text: text, changed: datetime}
"""
MAPPING = """
format: 1
source: erp
streams:
  rows:
    - entity: item
      id: number
      fields: {number: number, amount: amount, text: upper case(text), changed: changed}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="10^6 rows by SQL and 10^5 by OData")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    given = parser.parse_args()
    rows, entities = (1_000_000, 100_000) if given.full else (100_000, 10_000)
    with redirect_stdout(sys.stderr), tempfile.TemporaryDirectory() as folder:
        found = {
            "records": {
                "sql, sqlite": sqlite(Path(folder), rows),
                **postgres(Path(folder), rows),
                "odata, cap": odata(Path(folder), entities),
            },
            "unified view": asyncio.run(view()),
            "load average": round(os.getloadavg()[0], 1),
        }
    print(json.dumps(found))


def row(n):
    return f"N{n:07}", n % 99_999 / 100, f"row {n}", datetime.fromtimestamp(1_760_000_000 + n, UTC)


def sqlite(folder, rows):
    file = folder / "erp.db"
    with sqlite3.connect(file) as database:
        database.execute(
            f"CREATE TABLE {TABLE} (number TEXT PRIMARY KEY, amount NUMERIC(15, 2), text TEXT, changed TIMESTAMP)"
        )
        told = ((number, amount, text, f"{at:%F %T}.000000") for number, amount, text, at in map(row, range(rows)))
        database.executemany(f"INSERT INTO {TABLE} VALUES (?, ?, ?, ?)", told)
        database.execute(f"CREATE INDEX changed ON {TABLE} (changed, number)")

    async def barely():
        with sqlite3.connect(file) as database:
            database.row_factory = sqlite3.Row
            return sum(1 for _ in map(dict, database.execute(f"SELECT * FROM {TABLE} ORDER BY changed, number")))

    return asyncio.run(measured(folder, rows, barely, connector="sql", url=f"sqlite+aiosqlite:///{file}", **BY_CHANGE))


BY_CHANGE = {"streams": {"rows": {"table": TABLE, "key": "number", "cursor": "changed"}}}


def postgres(folder, rows):
    try:
        return {"sql, postgresql": asyncio.run(_postgres(folder, rows))}
    except (OSError, SQLAlchemyError) as fault:
        print(f"no PostgreSQL: {fault}")
        return {}


async def _postgres(folder, rows):
    engine = create_async_engine(POSTGRES)
    made = f"""CREATE TABLE {TABLE} AS SELECT 'N' || lpad(n::text, 7, '0') AS number, (n % 99999) / 100.0 AS amount,
      'row ' || n AS text, to_timestamp(1760000000 + n) AS changed FROM generate_series(0, {rows - 1}) n"""
    try:
        async with engine.begin() as connection:
            for each in (f"DROP TABLE IF EXISTS {TABLE}", made, f"CREATE INDEX ON {TABLE} (changed, number)"):
                await connection.execute(statement(each))

        async def barely():
            async with engine.connect() as connection:
                found = await connection.stream(statement(f"SELECT * FROM {TABLE} ORDER BY changed, number"))
                return len([dict(each) async for each in found.mappings()])

        return await measured(folder, rows, barely, connector="sql", url=POSTGRES, **BY_CHANGE)
    finally:
        async with engine.begin() as connection:
            await connection.execute(statement(f"DROP TABLE IF EXISTS {TABLE}"))
        await engine.dispose()


def odata(folder, rows):
    home = folder / "cap"
    (home / "srv/data").mkdir(parents=True)
    (home / "node_modules").symlink_to(node_modules("cap", "@sap/cds").resolve())
    needs = {"db": {"kind": "sqlite", "credentials": {"url": ":memory:"}}, "auth": {"kind": "dummy"}}
    (home / "package.json").write_text(json.dumps({"cds": {"requires": needs}}))
    (home / "srv/erp.cds").write_text(SERVICE)
    with (home / "srv/data/erp-Items.csv").open("w", newline="") as file:
        told = csv.writer(file)
        told.writerow(("number", "amount", "text", "changed"))
        told.writerows((n, f"{a:.2f}", t, at.strftime("%Y-%m-%dT%H:%M:%SZ")) for n, a, t, at in map(row, range(rows)))
    url = f"http://127.0.0.1:{free_port()}"
    command = ["node", "node_modules/@sap/cds/bin/serve.js", "all", "--port", url.rpartition(":")[2]]

    async def barely():
        count, path = 0, "/erp/Items?$orderby=changed,number"
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            while path:
                page = (await client.get(path)).json()
                count += len(page["value"])
                following = page.get("@odata.nextLink", "")
                path = following and f"/erp/{following.removeprefix('/erp/')}"
        return count

    stream = {"entity_set": "Items", "key": "number", "changed": "changed"}
    with process(command, f"{url}/erp/", cwd=home, log=folder / "cap.log", env={"NO_COLOR": "1"}, seconds=300):
        settings = {"url": f"{url}/erp", "version": 4, "limits": {"rate": 100_000}, "streams": {"rows": stream}}
        return asyncio.run(measured(folder, rows, barely, connector="odata", **settings))


async def measured(folder, rows, barely, **settings):
    home = load_home(Memory({
        "config/app.yaml": b"format: 1\ncompany: Bench\ntimezone: Europe/Istanbul\n",
        "config/model.yaml": MODEL.encode(), "mappings/erp.yaml": MAPPING.encode(),
        "config/sources.yaml": f"format: 1\nsources:\n  erp: {json.dumps(settings)}\n".encode(),
    })).sound()  # fmt: skip
    begun = time.perf_counter()
    assert await barely() == rows
    bare = time.perf_counter() - begun
    connector = open_connector("erp", settings, Surroundings(folder, SystemClock()))
    mapper, read, mapped, in_mapping = _mappers(home)["erp"], 0, 0, 0.0
    begun = time.perf_counter()
    async for page in connector.read("rows", ""):
        read += len(page.records)
        at = time.perf_counter()
        mapped += sum(len(mapper.map(each)) for each in page.records)
        in_mapping += time.perf_counter() - at
    took = time.perf_counter() - begun
    await connector.aclose()
    assert (read, mapped) == (rows, rows)
    return {
        "rows": rows, "records/s": round(rows / took), "of it mapping": f"{in_mapping / took:.0%}",
        "barely, rows/s": round(rows / bare), "times the bare time": round(took / bare, 1),
    }  # fmt: skip


async def view(times=40):
    spans, hanging = [], []
    for each in range(times):
        spans.append(await _view(pause=0.3))
        if each % 10 == 0:
            hanging.append(await _view(pause=0.3, hangs=True))
    return {
        "cold views": times, "p50 ms": round(statistics.median(spans) * 1000, 1),
        "p95 ms": round(statistics.quantiles(spans, n=20)[18] * 1000, 1),
        "one source hangs, most ms": round(max(hanging) * 1000, 1),
    }  # fmt: skip


async def _view(pause, *, hangs=False):
    """Return the seconds that one view takes of a layer that was just opened."""
    with tempfile.TemporaryDirectory() as folder:
        async with systems() as running:
            home = Path(folder)
            write(home, running)
            async with open_layer(home, SimulatedClock(NOW)) as layer:
                for name, system in running.items():
                    system.accounts = {f"{name}1": account(name)}
                    system.pause = 60 if hangs and name == NAMES[-1] else pause
                    record = Record(source=name, stream="accounts", key=f"{name}1", data=account(name))
                    await layer.ingest([record])
                begun = time.perf_counter()
                assert await layer.customer("C1") is not None
                return time.perf_counter() - begun


if __name__ == "__main__":
    main()
