"""A process is replaced while requests keep coming: none is refused, none is lost."""

import asyncio
import json
import os
import signal
import socket

import httpx

from tests.flow.test_faults import held, write_empty
from tests.flow.test_workers import OPSLAYER, key

SENDERS, EACH = 3, 10


async def started(home, listening):
    """Start `serve` as systemd would: with the listening socket as descriptor 3."""
    command = 'exec 3<&"$0"; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"'
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", command, str(listening.fileno()), *OPSLAYER, "--home", str(home), "--json", "serve",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, pass_fds=[listening.fileno()],
    )  # fmt: skip
    await asyncio.wait_for(process.stdout.readuntil(b"}"), 120)
    return process


async def ended(process):
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 60) == 0


async def send(url, headers, sender, going):
    """Send one event after the other, each over a connection of its own, until enough and `going` is over."""
    number = 0
    async with httpx.AsyncClient(headers=headers, timeout=120) as client:
        while number < EACH or not going.is_set():
            answer = await client.post(url, content=json.dumps(told(sender, number)), headers=KIND)
            assert answer.status_code == 202, answer.text
            number += 1
            await asyncio.sleep(0.1)
    return number


KIND = {"Content-Type": "application/cloudevents+json", "Connection": "close"}


def told(sender, number):
    key = f"R{sender}-{number}"
    data = {"number": key, "customer": "C1", "amount": "1.00", "due_date": "2099-01-01", "paid_on": None}
    head = {"specversion": "1.0", "id": key, "source": "ledger", "type": "record.changed"}
    return head | {"subject": f"invoices/{key}", "data": data}


async def test_no_request_is_refused_or_lost_while_one_process_replaces_another(tmp_path):
    home = tmp_path / "home"
    write_empty(home)
    headers = await key(home)
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        os.set_inheritable(listening.fileno(), True)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1/events"
        first = await started(home, listening)
        going = asyncio.Event()
        sending = [asyncio.create_task(send(url, headers, sender, going)) for sender in range(SENDERS)]
        second = await started(home, listening)
        await ended(first)
        await ended(second)  # and now with nobody there for a while: connections wait
        third = await started(home, listening)
        going.set()
        sent = await asyncio.gather(*sending)
        await ended(third)
    assert await held(home) == sorted(f"R{sender}-{n}" for sender in range(SENDERS) for n in range(sent[sender]))
