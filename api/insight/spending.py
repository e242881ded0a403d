"""What models cost, from the journal's entries about their calls."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from api.insight.port import Spend
from engine.ports import Stored


def by_day(calls: Iterable[Stored]) -> tuple[Spend, ...]:
    """Add calls up by day and model, newest day first."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    tokens: dict[tuple[str, str], int] = defaultdict(int)
    costs: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for each in calls:
        body = each.body or {}
        key = (f"{each.recorded_at:%Y-%m-%d}", str(body.get("model") or body.get("provider") or "?"))
        counts[key] += 1
        tokens[key] += _tokens(body)
        costs[key] += _cost(body)
    return tuple(
        Spend(day=key[0], model=key[1], calls=count, tokens=tokens[key], cost=f"{costs[key]:f}" if costs[key] else "")
        for key, count in sorted(counts.items(), reverse=True)
    )


def _tokens(body: Mapping[str, Any]) -> int:
    return sum(int(body.get(name) or 0) for name in ("tokens_in", "tokens_out"))


def _cost(body: Mapping[str, Any]) -> Decimal:
    try:
        return Decimal(str(body.get("cost") or 0))
    except InvalidOperation:
        return Decimal(0)
