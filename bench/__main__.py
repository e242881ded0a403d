"""All benches: `python -m bench [NAME ...] [--full] [--wheel] [--json FILE]`.

Names: engine, diff, feel, store, act, flow, identity, connect; and those that run only when named, and take options of
their own: soak (30 minutes), flood (a million events), journal (10 GB), web (every page over a long journal).

Each runs in a process of its own, prints its table, and adds its results to FILE (default: var/bench.json).
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from bench.table import shown

HERE = Path(__file__).parent
BENCHES = {
    "engine": ("engine/run.py", "--json"),
    "diff": ("diff/run.py", "--json"),
    "feel": ("feel/run.py", "--json"),
    "store": ("store/run.py",),
    "act": ("act/run.py", "--json"),
    "flow": ("flow/run.py", "--json"),
    "identity": ("identity/run.py", "--json"),
    "connect": ("connect/run.py", "--json"),
}
LONG = {
    "soak": ("flow/soak.py", "--json"),
    "flood": ("flow/flood.py", "--json"),
    "journal": ("flow/journal.py", "--json"),
    "web": ("web/run.py", "--json"),
}
FULL = {"engine": ("--full",), "identity": ("--full",), "connect": ("--full",)}


def main():
    """Run what was asked for; the exit code tells whether all of it ran."""
    parser = argparse.ArgumentParser(description=__doc__)
    known, usual = [*BENCHES, *LONG], ", ".join(BENCHES)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; default: {usual}")
    parser.add_argument("--full", action="store_true", help="the sizes of docs/performance.md; minutes and gigabytes")
    parser.add_argument("--wheel", action="store_true", help="engine: build the compiled wheel and measure it too")
    parser.add_argument("--json", default="var/bench.json", metavar="FILE")
    given, options = parser.parse_known_args()
    if options and not (len(given.names) == 1 and given.names[0] in LONG):
        parser.error(f"unknown: {' '.join(options)}")
    unknown = [name for name in given.names if name not in known]
    if unknown:
        parser.error(f"there is no bench called {', '.join(unknown)}")
    results, failed = {}, []
    for name in given.names or BENCHES:
        found = run(name, ["--wheel"] if given.wheel and name == "engine" else options, full=given.full)
        if found is None:
            failed.append(name)
        else:
            results[name] = found
            print(shown(found, name), flush=True)
    target = Path(given.json)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(f"written to {target}" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def run(name, given, *, full):
    """The results of one bench, None when it failed; what it says of that is on stderr."""
    script, *options = {**BENCHES, **LONG}[name]
    paths = [str(HERE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, str(HERE / script), *options, *given, *(FULL.get(name, ()) if full else ())],
        stdout=subprocess.PIPE, check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )  # fmt: skip
    return json.loads(done.stdout) if done.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main())
