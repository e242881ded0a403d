"""The engine's bench compares what decides alike, and says who is left out."""

import pytest

from bench.engine import ours, scale
from bench.engine.compare import Differs, decided, rate, ratios
from bench.engine.peers import PEERS, SIBLINGS, Unable
from bench.engine.workload import GROUPS, bands, events
from bench.table import shown


@pytest.mark.parametrize("count", [10, 100, 600])
def test_both_ways_of_ours_decide_as_the_rules_written_by_hand(count):
    rules = bands(count)
    asked = events(300, rules)
    wanted = decided(PEERS["by hand"](rules, asked)())
    assert decided(ours.proposing(ours.rulebook(rules, propose=True), asked)()) == wanted
    assert decided(ours.concluding(ours.rulebook(rules, propose=False), asked)()) == wanted


@pytest.mark.parametrize("name", ["clipspy", "durable_rules", "zen-engine"])
def test_a_peer_that_is_installed_decides_as_the_rules_written_by_hand(name):
    rules = bands(60)
    asked = events(100, rules)
    try:
        work = PEERS[name](rules, asked)
    except Unable as why:
        pytest.skip(str(why))
    assert decided(work()) == decided(PEERS["by hand"](rules, asked)())


@pytest.mark.parametrize("count", [10, 100, 1000])
def test_an_event_meets_about_two_rules_however_many_there_are(count):
    rules = bands(count)
    found = PEERS["by hand"](rules, events(2000, rules))()
    assert len({rule.group for rule in rules}) == min(GROUPS, count // 2)
    assert sum(map(len, found)) / len(found) == pytest.approx(2, abs=0.3)


def test_an_engine_that_decides_differently_has_no_time():
    with pytest.raises(Differs, match="peer decides differently"):
        rate("peer", [frozenset({"r1"})], lambda: lambda: [["r2"]], 1, 1)


def test_durable_rules_is_left_out_where_it_would_never_return():
    with pytest.raises(Unable):
        PEERS["durable_rules"](bands(SIBLINGS + 1), [])


def test_ratios_name_the_best_peer():
    row = {"opslayer, conclusions": 30, "opslayer, proposals": 10, "by hand": 300, "clipspy": 20, "zen-engine": 2}
    (found,) = ratios({"10 rules": row}).values()
    assert (found["best peer"], found["conclusions / peer"], found["by hand / proposals"]) == ("clipspy", 1.5, 30.0)


def test_the_other_workloads_check_their_own_answers():
    assert scale.entities((100,))["100 entities"]["same again"]
    assert scale.chain(5, 50)
    assert scale.window(500, customers=10)
    assert scale.join(60, 20)["60 lines, 20 invoices"]["proposals"] == 40


def test_a_part_with_columns_is_a_table():
    assert shown({"one": {"a": 1, "b": 0.5}, "two": {"a": 12_000}}).splitlines() == [
        "          a    b",
        "one       1  0.5",
        "two  12,000     ",
    ]
