"""The source systems that need a process: the CRM over HTTP and the mail server, both on loopback.

    python -m api.demo.systems --out DIR [--refuse ADDRESS] [--dedupes]

Prints one line of JSON, {"crm_port": ..., "smtp_port": ...}, when both listen, and ends when its standard input is
closed (whoever started it is gone) or on SIGTERM or SIGINT.
The CRM's token comes from the environment, OPSLAYER_CRM_TOKEN.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
from pathlib import Path

import msgspec
import uvicorn

from api.demo.crm_server import application
from api.demo.crm_store import CrmStore
from api.demo.smtp import Delivery, listen

HOST = "127.0.0.1"


class Options(msgspec.Struct, frozen=True):
    """How the systems are to behave."""

    out: Path
    token: str
    refused: frozenset[str] = frozenset()
    dedupes: bool = False


async def run(options: Options, stop: asyncio.Event) -> None:
    """Serve until `stop`."""
    store = CrmStore(options.out / "crm.db")
    delivery = Delivery(options.out, store.now, options.refused)
    smtp, smtp_port = await listen(delivery, HOST)
    with socket.create_server((HOST, 0)) as door:
        crm = uvicorn.Server(
            uvicorn.Config(
                application(store, options.token, dedupes=options.dedupes), log_config=None, lifespan="on", ws="none"
            )
        )
        serving = asyncio.create_task(crm.serve(sockets=[door]))
        sys.stdout.write(json.dumps({"crm_port": door.getsockname()[1], "smtp_port": smtp_port}) + "\n")
        sys.stdout.flush()
        await asyncio.wait({serving, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
        crm.should_exit = True
        smtp.close()
        await serving


async def until_alone(options: Options) -> None:
    """Serve until standard input ends, or uvicorn hears SIGTERM or SIGINT."""
    stop = asyncio.Event()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    watcher = asyncio.create_task(reader.read())
    watcher.add_done_callback(lambda _: stop.set())
    await run(options, stop)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m api.demo.systems", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--refuse", action="append", default=[], metavar="ADDRESS")
    parser.add_argument("--dedupes", action="store_true")
    given = parser.parse_args()
    options = Options(
        out=given.out,
        token=os.environ["OPSLAYER_CRM_TOKEN"],
        refused=frozenset(a.lower() for a in given.refuse),
        dedupes=given.dedupes,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    asyncio.run(until_alone(options))


if __name__ == "__main__":
    main()
