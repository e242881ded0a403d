"""Measuring on a shared machine: CPU time of this process, the best of several runs, no collector in between."""

import gc
import resource
import time
from pathlib import Path


def best(make, runs):
    """Run what `make` returns, afresh each time; answers the best seconds and the last answer."""
    least, answer = float("inf"), None
    for _ in range(runs):
        work = make()
        seconds, answer = timed(work)
        least = min(least, seconds)
    return least, answer


def timed(work):
    """CPU seconds of one call, and its answer."""
    gc.collect()
    gc.disable()
    began = time.process_time()
    answer = work()
    seconds = time.process_time() - began
    gc.enable()
    return seconds, answer


def resident():
    """Bytes of memory that this process holds at present."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
