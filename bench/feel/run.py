"""Compare ways to evaluate the same twenty conditions: `python bench/feel/run.py [--json]`.

Every answer is checked against the hand-written function before it is timed; a peer that is not installed, cannot say
a condition or answers differently is left out of that line, with the reason in the JSON. Times are the best of five
runs, in nanoseconds of this process's CPU; the peers other than CEL and ours calculate in binary floats.
"""

import json
import math
import statistics
import sys
import time
from decimal import Decimal
from importlib.util import find_spec

from expressions import CASES
from peers import PEERS, TYPES

from engine.feel import compile

MODULES = {"zen-engine": "zen", "cel-python": "celpy", "bkflow-feel": "bkflow_feel", "pySFeel": "pySFeel"}


def same(wanted, got):
    """Whether two answers agree; floats to nine digits."""
    if isinstance(wanted, Decimal) and isinstance(got, int | float | Decimal) and not isinstance(got, bool):
        return math.isclose(float(wanted), float(got), rel_tol=1e-9)
    return type(wanted) is type(got) and wanted == got


def nanoseconds(call):
    """CPU time of one call."""
    count, spent = 1, 0.0
    while spent < 0.005:
        count *= 4
        spent = timed(call, count)
    return min(timed(call, count) for _ in range(5)) / count * 1e9


def timed(call, count):
    began = time.process_time()
    for _ in range(count):
        call()
    return time.process_time() - began


def measure(case, name):
    """Nanoseconds, or why there are none."""
    make, language = PEERS[name]
    if not getattr(case, language):
        return {"skipped": "cannot say it"}
    try:
        call = make(case)
        answer = call()
    except Exception as fault:  # noqa: BLE001  (a peer may fail in any way; its line says so)
        return {"skipped": f"{type(fault).__name__}: {fault}"[:120]}
    wanted = PEERS["by hand"][0](case)()
    return {"ns": nanoseconds(call)} if same(wanted, answer) else {"skipped": f"answers {answer!r}"}


def compile_seconds():
    """CPU time to compile 10,000 expressions, from a thousand different ones."""
    texts = [CASES[number % len(CASES)].feel.replace("1000", str(1000 + number)) for number in range(1000)]
    began = time.process_time()
    for text in texts:
        compile(text, TYPES)
    return (time.process_time() - began) * 10


def report():
    """All measurements and how we compare, as geometric means over the conditions both can do."""
    names = [name for name in PEERS if name not in MODULES or find_spec(MODULES[name])]
    lines = {case.feel: {name: measure(case, name) for name in names} for case in CASES}
    ratios = {}
    for name in names:
        shared = [line[name]["ns"] / line["opslayer"]["ns"] for line in lines.values() if "ns" in line[name]]
        if shared:
            ratios[name] = {"times ours": round(statistics.geometric_mean(shared), 2), "conditions": len(shared)}
    missing = [name for name in MODULES if name not in names]
    return {"conditions": lines, "against ours": ratios, "not installed": missing, "compile 10,000": compile_seconds()}


def shown(found):
    """The report for people."""
    names = list(found["against ours"])
    rows = [f"{'nanoseconds':72}" + "".join(f"{name:>18}" for name in names)]
    for text, line in found["conditions"].items():
        cells = (f"{line[name]['ns']:,.0f}" if "ns" in line[name] else "-" for name in names)
        rows.append(f"{text[:70]:72}" + "".join(f"{cell:>18}" for cell in cells))
    rows.append(
        f"{'times ours, geometric mean':72}" + "".join(f"{found['against ours'][n]['times ours']:>18}" for n in names)
    )
    rows.append(f"{'conditions':72}" + "".join(f"{found['against ours'][n]['conditions']:>18}" for n in names))
    rows.append(f"compile 10,000 expressions: {found['compile 10,000']:.2f} s of CPU")
    rows.extend(f"{name} is not installed: skipped" for name in found["not installed"])
    return "\n".join(rows)


if __name__ == "__main__":
    result = report()
    print(json.dumps(result, indent=2) if "--json" in sys.argv else shown(result))
