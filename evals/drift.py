"""Whether production still looks like the past: inputs, approvals, edits; a pure function over what was recorded."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from engine.events import Decision
from evals.autonomy.samples import Sample
from evals.scoring import wilson
from evals.statistics.monitoring import deciles, population_stability

MOVED: Final = 0.25
"""From here on the stability index tells that much has moved (Siddiqi 2006)."""
LEAST: Final = 30
"""Fewer decisions on either side say nothing."""


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """One thing watched of one action: before and now, and whether it is an alarm."""

    unit: str
    what: str
    before: str
    now: str
    alarm: bool


def inputs(unit: str, decisions: Sequence[Decision], since: datetime) -> list[Drift]:
    """Compare each input of an action's proposals before a moment and since."""
    made = [each for each in decisions if each.kind == "propose"]
    old, new = [each for each in made if each.at < since], [each for each in made if each.at >= since]
    if min(len(old), len(new)) < LEAST:
        return []
    found = []
    for name in sorted({name for each in made for name in each.inputs}):
        before, now = [each.inputs.get(name) for each in old], [each.inputs.get(name) for each in new]
        index = population_stability(*_binned(before, now))
        found.append(
            Drift(unit=unit, what=f"input {name}", before="0", now=f"stability {index:.2f}", alarm=index > MOVED)
        )
    return found


def verdicts(unit: str, samples: Sequence[Sample], since: datetime) -> list[Drift]:
    """Compare the share that was right before a moment and since; an alarm when the bounds lie apart."""
    old = [each.correct for each in samples if each.counts and each.at < since]
    new = [each.correct for each in samples if each.counts and each.at >= since]
    if min(len(old), len(new)) < LEAST:
        return []
    before, now = wilson(sum(old), len(old)), wilson(sum(new), len(new))
    return [
        Drift(unit=unit, what="approved as it was", before=_share(old), now=_share(new), alarm=now[1] < before[0])
    ]  # fmt: skip


def edits(unit: str, likeness: Sequence[tuple[datetime, float]], since: datetime) -> list[Drift]:
    """Compare how like the drafts are to what was sent; an alarm when the mean fell by more than a tenth."""
    old, new = [each for at, each in likeness if at < since], [each for at, each in likeness if at >= since]
    if min(len(old), len(new)) < LEAST:
        return []
    before, now = sum(old) / len(old), sum(new) / len(new)
    told, fell = "likeness to what was sent", now < before - 0.1
    return [Drift(unit=unit, what=told, before=f"{before:.2f}", now=f"{now:.2f}", alarm=fell)]


def _share(right: Sequence[bool]) -> str:
    return f"{sum(right)}/{len(right)} ({sum(right) / len(right):.0%})"


def _binned(before: Sequence[Any], now: Sequence[Any]) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return counts by bin: deciles of the past for numbers, whether it is there for what hardly ever repeats."""
    numbers = [_number(each) for each in before]
    if all(each is not None for each in numbers) and len(set(numbers)) > 10:
        borders = deciles([each for each in numbers if each is not None])
        return _in(before, borders), _in(now, borders)
    texts = [str(each) for each in before]
    if len(set(texts)) > len(texts) / 2:
        return Counter(str(each is None) for each in before), Counter(str(each is None) for each in now)
    return Counter(texts), Counter(str(each) for each in now)


def _in(values: Sequence[Any], borders: tuple[float, ...]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for each in values:
        number = _number(each)
        found["none" if number is None else str(sum(number >= border for border in borders))] += 1
    return found


def _number(value: Any) -> float | None:  # noqa: ANN401  (an input)
    if isinstance(value, Mapping):
        value = value.get("amount")
    if value is None or isinstance(value, bool):
        return None
    try:
        return float(Decimal(str(value)))
    except InvalidOperation:
        return None
