"""Whether memory stays flat: `python -m bench soak [--minutes 30] [--rate 10] [--database sqlite] [--json]`.

One process under a steady, low load of everything: events, requests that read, metrics, syncs, timers. What is known
does not grow, so neither may memory: its level in the last third of the run is compared with that in the middle third.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from random import Random

import httpx

from bench.flow.processes import Process, Sender, batches, customer, invoice, starter
from bench.table import shown

CUSTOMERS = 300
READ = ("/api/v1/actions", "/api/v1/inbox", "/api/v1/decisions", "/metrics", "/health/ready", "/api/v1/autonomy")
MOST_GROWTH = 0.05


async def soak(minutes, rate, database):
    samples, random, sent = [], Random(3), 0
    with tempfile.TemporaryDirectory() as folder:
        async with (
            starter(folder, database) as (home, environment, headers),
            Process(home, environment) as process,
            httpx.AsyncClient(headers=headers, timeout=120) as client,
        ):
            sender = Sender(client, [process.url])
            await sender.all(batches(map(customer, range(CUSTOMERS)), 100), 1)
            began, cpu = time.monotonic(), process.cpu()
            while (passed := time.monotonic() - began) < minutes * 60:
                late = "2026-01-01" if random.random() < 0.2 else "2099-01-01"
                number = random.randrange(CUSTOMERS * 3)
                await sender.send([invoice(f"s{sent}", number, CUSTOMERS, random, due=late)])
                sent += 1
                if sent % 5 == 0:
                    (await client.get(process.url + random.choice(READ))).raise_for_status()
                if passed >= len(samples) * minutes:  # sixty of them
                    samples.append(round(process.rss()[0], 1))
                    print(f"{passed / 60:.1f} min, {sent} events, {samples[-1]} MB", file=sys.stderr, flush=True)
                await asyncio.sleep(max(0.0, sent / rate - passed))
            cpu = process.cpu() - cpu
    third = len(samples) // 3
    middle, last = statistics.median(samples[third : 2 * third]), statistics.median(samples[2 * third :])
    return {
        "minutes": minutes, "events": sent, "load average": round(os.getloadavg()[0], 1),
        "refused or broken": sender.refused + sender.broken, "CPU s": round(cpu), "MB, sixty times": str(samples),
        "MB middle third": middle, "MB last third": last, "growth": round(last / middle - 1, 4),
        "flat": last / middle - 1 <= MOST_GROWTH,
    }  # fmt: skip


def main():
    """Print a table, or JSON; fails when memory grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=10, help="events a second")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = asyncio.run(soak(given.minutes, given.rate, given.database))
    print(json.dumps(found, indent=2) if given.json else shown(found, "soak"))
    return 0 if found["flat"] else 1


if __name__ == "__main__":
    sys.exit(main())
