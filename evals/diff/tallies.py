"""Differences counted: by rule, action and kind, with customers and money."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from engine.feel import Money
from engine.rules import Home
from evals.diff.semantic import rules_of
from evals.diff.structs import Difference, Made, Tally


def tallies(found: Iterable[Difference], head: Home, base: Home) -> Iterator[Tally]:
    """Yield how many decisions differ in which way, for how many customers, about how much money."""
    groups: dict[tuple[str, str, str, str], list[Difference]] = defaultdict(list)
    for each in found:
        groups[each.made.rule, each.made.key.action, each.made.kind, each.effect].append(each)
    for (rule, action, kind, _), group in sorted(groups.items()):
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for difference in group:
            money = amount(difference.made, _key(rule, action, head, base))
            if money is not None:
                sums[money.currency] += money.amount
        yield Tally(
            rule=rule, action=action, kind=kind, effect=group[0].effect, count=len(group),
            customers=len({one.made.customer for one in group}),
            amounts={currency: f"{total:.2f}" for currency, total in sorted(sums.items())},
        )  # fmt: skip


def _key(rule: str, action: str, *homes: Home) -> str:
    """Return the input that holds an action's money by its policy."""
    for home in homes:
        specs = rules_of(home)[rule].do if rule in rules_of(home) else ()
        for spec in specs:
            policy = home.autonomy.policies.get(spec.autonomy or home.autonomy.default or "")
            if spec.id == action and policy is not None:
                return policy.amount
    return "amount"


def amount(made: Made, key: str) -> Money | None:
    """Return the money at stake: the input of that name, else the first money among the inputs."""
    named = made.inputs.get(key)
    return named if isinstance(named, Money) else next(_money(made.inputs), None)


def _money(value: object) -> Iterator[Money]:
    if isinstance(value, Money):
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _money(each)
