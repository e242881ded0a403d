"""How fast the engine is: `python -m bench engine [--full] [--wheel] [--json]`.

CPU time of this process, the best of several runs, Python's collector held back while a time is taken (for the peers
too). `--full` goes to 10,000 rules, 1,000,000 entities and 1,000,000 payments, and takes some minutes and gigabytes.
`--wheel` builds the compiled wheel too, which needs a C compiler, and lets it and the peers decide once more in a
process of their own.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from bench import native
from bench.engine import scale
from bench.engine.changing import changing
from bench.engine.compare import compare, ratios
from bench.table import shown
from engine.inference import settle


def measure(full):
    """All tables by title."""
    return against_peers(full) | {
        "changing one rule": changing((100, 1_000, 10_000) if full else (100, 1_000)),
        "entities": scale.entities((1_000, 10_000, 100_000, 1_000_000) if full else (1_000, 10_000)),
        "one busy customer": scale.busy_customer((100, 100_000) if full else (100, 10_000)),
        "a chain": scale.chain(20, 5_000),
        "a window": scale.window(1_000_000 if full else 50_000),
        "a join": scale.join(*((100_000, 10_000) if full else (10_000, 1_000))),
    }  # fmt: skip


def against_peers(full):
    """The comparison with other engines, with what it ran on."""
    load = round(os.getloadavg()[0], 1)
    events, runs = (10_000, 3) if full else (3_000, 2)
    table, skipped = compare((10, 100, 500, 1_000, 10_000) if full else (10, 100, 500, 1_000), events, runs)
    return {
        "machine": {
            "python": platform.python_version(), "cpus": os.cpu_count(), "load at the start": load,
            "hot path": "interpreted" if settle.__file__.endswith(".py") else "compiled",
        },
        "events a second": table,
        "ratios": ratios(table),
        "skipped": skipped,
    }  # fmt: skip


def compiled(full):
    """The same comparison with the engine's hot path compiled: the wheel is built and used from a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        if native.build(folder) != 0:
            return {"failed": "the wheel could not be built"}
        (wheel,) = Path(folder).glob("*.whl")
        target = Path(folder) / "compiled"
        zipfile.ZipFile(wheel).extractall(target)
        command = [sys.executable, __file__, "--json", "--only-peers", *(["--full"] if full else [])]
        path = os.pathsep.join([str(target), str(native.HOME)])
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env={**os.environ, "PYTHONPATH": path})
    found = json.loads(done.stdout)
    assert found["machine"]["hot path"] == "compiled"
    return found


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--wheel", action="store_true")
    parser.add_argument("--only-peers", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = against_peers(given.full) if given.only_peers else measure(given.full)
    if given.wheel:
        found["the compiled wheel"] = compiled(given.full)
    sys.stdout.write((json.dumps(found, indent=2) if given.json else shown(found)) + "\n")


if __name__ == "__main__":
    main()
