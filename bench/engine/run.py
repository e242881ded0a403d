"""How fast the engine is: `python -m bench engine [--full] [--json]`.

CPU time of this process, the best of several runs, Python's collector held back while a time is taken (for the peers
too). `--full` goes to 10,000 rules, 1,000,000 entities and 1,000,000 payments, and takes some minutes and gigabytes.
"""

import argparse
import json
import os
import platform
import sys

from bench.engine import scale
from bench.engine.changing import changing
from bench.engine.compare import compare, ratios
from bench.table import shown


def measure(full):
    """All tables by title."""
    events, runs = (10_000, 3) if full else (3_000, 2)
    table, skipped = compare((10, 100, 500, 1_000, 10_000) if full else (10, 100, 500, 1_000), events, runs)
    return {
        "machine": {
            "python": platform.python_version(), "cpus": os.cpu_count(),
            "load at the start": round(os.getloadavg()[0], 1),
        },
        "events a second": table,
        "ratios": ratios(table),
        "skipped": skipped,
        "changing one rule": changing((100, 1_000, 10_000) if full else (100, 1_000)),
        "entities": scale.entities((1_000, 10_000, 100_000, 1_000_000) if full else (1_000, 10_000)),
        "one busy customer": scale.busy_customer((100, 100_000) if full else (100, 10_000)),
        "a chain": scale.chain(20, 5_000),
        "a window": scale.window(1_000_000 if full else 50_000),
        "a join": scale.join(*((100_000, 10_000) if full else (10_000, 1_000))),
    }  # fmt: skip


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measure(given.full)
    sys.stdout.write((json.dumps(found, indent=2) if given.json else shown(found)) + "\n")


if __name__ == "__main__":
    main()
