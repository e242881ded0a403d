"""The same rules and events through opslayer and its peers; all must decide alike before a time counts."""

from functools import partial

from bench.engine import ours
from bench.engine.measuring import best, timed
from bench.engine.peers import PEERS, Unable
from bench.engine.workload import bands, events

OURS = {"conclusions": (False, ours.concluding), "proposals": (True, ours.proposing)}
SLOW = {"zen-engine": 300, "durable_rules": 2000}
"""Events for engines that would take minutes; a prefix of everybody's."""


class Differs(Exception):
    """Two engines decide differently."""


def compare(sizes, count, runs):
    """Events a second by number of rules and engine, with the reasons of those left out."""
    table, skipped = {}, {}
    for size in sizes:
        rules = bands(size)
        asked = events(count, rules)
        wanted = decided(PEERS["by hand"](rules, asked)())
        row = table[f"{size:,} rules"] = {"matches": round(sum(map(len, wanted)) / count, 2)}
        for name, (propose, decide) in OURS.items():
            compiling, book = timed(partial(ours.rulebook, rules, propose=propose))
            row[f"opslayer, {name}"] = rate(name, wanted, partial(decide, book, asked), count, runs)
            row["compile, s"] = round(compiling, 2)
        for name, make in PEERS.items():
            few = asked[: SLOW.get(name, count)]
            try:
                work = make(rules, few)
            except Unable as why:
                skipped[f"{name} at {size:,} rules"] = str(why)
                continue
            row[name] = rate(name, wanted, partial(_same, work), len(few), runs)
    return table, skipped


def _same(work):
    return work


def rate(name, wanted, make, count, runs):
    """Events a second, once the decisions are found equal."""
    seconds, answer = best(make, runs)
    if decided(answer) != wanted[:count]:
        raise Differs(f"{name} decides differently")
    return round(count / seconds)


def decided(answer):
    """What an engine decided, whatever the order."""
    return [frozenset(each) for each in answer]


def ratios(table):
    """How many times the peers' events a second ours are, and how the cost grows with the rules."""
    found = {}
    peers = [name for name in PEERS if name != "by hand"]
    first = next(iter(table.values()))
    for size, row in table.items():
        measured = {name: row[name] for name in peers if name in row}
        best_peer = max(measured, key=measured.get, default=None)
        told = found[size] = {"best peer": best_peer}
        for name in OURS:
            own = row[f"opslayer, {name}"]
            if best_peer:
                told[f"{name} / peer"] = round(own / measured[best_peer], 2)
            told[f"by hand / {name}"] = round(row["by hand"] / own, 1)
            told[f"cost of {name}, fewest = 1"] = round(first[f"opslayer, {name}"] / own, 2)
    return found
