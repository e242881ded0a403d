"""Against durable_rules on what both know: equality and range predicates, joins by equality, chaining.

durable_rules loses facts when the 32-bit hashes of their ids meet and takes no decimals, so there are few facts here,
with whole numbers.
"""

import importlib
from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.engine.inference.told import Told, concludes, rule

lang = pytest.importorskip("durable.lang", reason="durable_rules, of the group `bench`, is not installed")

unhandled = importlib.import_module("durable.engine").MessageNotHandledException

MODEL = """
format: 1
entities:
  account:
    root: account
    fields:
      segment: text
      limit: number
      risk: {type: text, concluded: unique}
  bill:
    root: account
    fields:
      account: {ref: account, inverse: bills}
      status: text
      amount: number
"""
Facts = dict[str, dict[str, Any]]


def facts(random: Random) -> tuple[Facts, Facts]:
    accounts = {
        f"a{n}": {"segment": random.choice(("retail", "key", "other")), "limit": random.randrange(0, 100)}
        for n in range(6)
    }
    bills = {
        f"b{n}": {
            "account": random.choice(list(accounts)), "status": random.choice(("open", "paid")), "amount": random.randrange(0, 150),
        }
        for n in range(15)
    }  # fmt: skip
    return accounts, bills


def ours(accounts: Facts, bills: Facts, low: int, high: int) -> set[tuple[str, str]]:
    told = Told(
        rule("single", "bill", f'status = "open" and amount >= {low} and amount < {high}')
        + rule(
            "joined",
            "bill",
            f'status = "open" and account.segment = "key" and amount > {low} and account.limit <= {high}',
        )
        + concludes("grade", "account", f'segment = "retail" and limit > {low}', "risk", '"high"')
        + rule("chained", "bill", 'status = "open" and account.risk = "high"'),
        model=MODEL,
    )
    for type, found in (("account", accounts), ("bill", bills)):
        for id, fields in found.items():
            told.tell(f"{type}:{id}", **{name: Decimal(v) if isinstance(v, int) else v for name, v in fields.items()})
    return {(each.key.rule, each.key.subject.partition(":")[2]) for each in told.decisions if each.kind == "propose"}


def theirs(name: str, accounts: Facts, bills: Facts, low: int, high: int) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    m, c = lang.m, lang.c
    with lang.ruleset(name):
        _single(found, low, high)
        _joined(found, low, high)

        @lang.when_all((m.kind == "account") & (m.segment == "retail") & (m.limit > low))
        def grade(c: Any) -> None:
            c.assert_fact({"kind": "risk", "account": c.m.id_, "level": "high"})

        @lang.when_all(
            c.risk << (m.kind == "risk") & (m.level == "high"),
            c.bill << (m.kind == "bill") & (m.status == "open") & (m.account == c.risk.account),
        )
        def chained(c: Any) -> None:
            found.add(("chained", c.bill.id_))

    for kind, things in (("account", accounts), ("bill", bills)):
        for fact in _asserted(kind, things):
            with suppress(unhandled):  # a fact that no rule asks for
                lang.assert_fact(name, fact)
    return found


def _single(found: set[tuple[str, str]], low: int, high: int) -> None:
    m = lang.m

    @lang.when_all((m.kind == "bill") & (m.status == "open") & (m.amount >= low) & (m.amount < high))
    def single(c: Any) -> None:
        found.add(("single", c.m.id_))


def _joined(found: set[tuple[str, str]], low: int, high: int) -> None:
    m, c = lang.m, lang.c

    @lang.when_all(
        c.account << (m.kind == "account") & (m.segment == "key") & (m.limit <= high),
        c.bill << (m.kind == "bill") & (m.status == "open") & (m.amount > low) & (m.account == c.account.id_),
    )
    def joined(c: Any) -> None:
        found.add(("joined", c.bill.id_))


def _asserted(kind: str, things: Facts) -> Iterable[dict[str, Any]]:
    for id, fields in things.items():
        yield {"kind": kind, "id": f"{kind}-{id}", "id_": id, **fields}


@pytest.mark.parametrize("seed", range(30))
def test_the_same_facts_match_the_same_rules(seed: int) -> None:
    random = Random(seed)
    accounts, bills = facts(random)
    low, high = random.randrange(0, 60), random.randrange(40, 150)
    assert theirs(f"opslayer{seed}", accounts, bills, low, high) == ours(accounts, bills, low, high)


def test_the_comparison_sees_matches_of_every_kind() -> None:
    met = set()
    for seed in range(30):
        random = Random(seed)
        accounts, bills = facts(random)
        met |= {rule for rule, _ in ours(accounts, bills, random.randrange(0, 60), random.randrange(40, 150))}
    assert met == {"single", "joined", "chained"}
