"""Identity: precision and recall on the held-out set, Splink on the same, and look-ups among 10^5 (10^6) parties."""

import argparse
import json
import resource
import sys
import time
from contextlib import redirect_stdout
from importlib.util import find_spec
from random import Random

from bench.identity.companies import companies
from bench.identity.corruption import corrupted, labelled
from bench.identity.evaluation import at_once, in_turn, profiled, score, truth
from engine.identity.index import Parties

HELD_OUT, SIZE = 20261121, 3000
TRIES = 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="10^6 parties")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    given = parser.parse_args()
    with redirect_stdout(sys.stderr):
        found = {"judged": judged(), "look-ups": look_ups(1_000_000 if given.full else 100_000)}
    print(json.dumps(found))


def judged():
    parties = labelled(HELD_OUT, SIZE)
    true = truth(parties)
    rows = {}
    for name, way in (("loaded, then looked up", at_once), ("each as it comes", in_turn)):
        same, asked = way(parties)
        rows[name] = shown(score(same, true)) | {"asked": len(asked), "true among asked": len(asked & true)}
    if find_spec("splink") is None:
        return rows
    from bench.identity.peer import predicted

    likely = predicted(parties)
    for least in (0.9, 0.99, 0.999, 0.9999):
        rows[f"splink at {least}"] = shown(score({pair for pair, p in likely.items() if p >= least}, true))
    return rows


def shown(found):
    return {"found": found.found, "precision": round(found.precision, 4), "recall": round(found.recall, 4)}


def look_ups(count):
    random = Random(7)
    known, kept = Parties(), []
    begun = time.perf_counter()
    for number, party in enumerate(companies(random, count)):
        known.put(party.id, profiled(party))
        if number % (count // TRIES) == 0:
            kept.append(party)
    filled = time.perf_counter() - begun
    times, first, among = [], 0, 0
    for party in kept:
        mine = profiled(corrupted(random, party))
        begun = time.perf_counter()
        ids = [match.id for match in known.matches(mine)]
        times.append(time.perf_counter() - begun)
        first += ids[:1] == [party.id]
        among += party.id in ids
    times.sort()
    return {
        "parties": len(known),
        "seconds to fill": round(filled, 1),
        "p50 ms": round(times[len(times) // 2] * 1000, 2),
        "p99 ms": round(times[int(len(times) * 0.99)] * 1000, 2),
        "found": f"{among} of {len(kept)}",
        "found first": f"{first} of {len(kept)}",
        "peak memory GB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
    }


if __name__ == "__main__":
    main()
