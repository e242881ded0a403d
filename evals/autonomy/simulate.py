"""What a policy means before it is adopted: thousands of rules of known quality, asked for and watched, in numpy."""

from math import ceil, gcd
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.settings.earning import FLOOR, Audit, Bound, Earning, Graduation, Watch
from evals.statistics.binomial import needed
from evals.statistics.monitoring import step
from evals.statistics.sequential import capital

BOUNDS: tuple[Bound, ...] = ("point", "lower_bound", "anytime")
QUALITIES = (0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995)
DRIFTS = (0.01, 0.02, 0.05, 0.10, 0.20)

Numbers = NDArray[Any]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Rules of one quality under one bound: the chance of promotion, and after how many labels; None: most never."""

    bound: Bound
    quality: float
    single: float
    persistent: float
    labels: int | None


class Drifted(msgspec.Struct, frozen=True, kw_only=True):
    """Promoted actions whose error rate is now `errors`, per thousand actions sent alone.

    `demoted`: the share of runs that were taken back; `reviewed`, `sent` and `wrong`: medians until then, None when
    most never were.
    """

    errors: float
    demoted: float
    reviewed: int | None
    sent: int | None
    wrong: int | None


class Simulated(msgspec.Struct, frozen=True, kw_only=True):
    """The whole, with what it was made of."""

    runs: int
    asks: int
    actions: int
    asked: tuple[Asked, ...]
    drifted: tuple[Drifted, ...]


def simulate(config: Earning, *, runs: int = 2000, asks: int = 40, actions: int = 2000, seed: int = 1) -> Simulated:
    """Return what a policy leads to; the same seed gives the same figures."""
    rng = np.random.default_rng(seed)
    return Simulated(
        runs=runs, asks=asks, actions=actions,
        asked=tuple(
            ask(msgspec.structs.replace(config.graduation, bound=bound), quality, runs, asks, rng)
            for bound in BOUNDS
            for quality in QUALITIES
        ),
        drifted=tuple(drift(config.watch, config.audit, errors, runs // 2, actions, rng) for errors in DRIFTS),
    )  # fmt: skip


def ask(config: Graduation, quality: float, runs: int, asks: int, rng: np.random.Generator) -> Asked:
    """Let somebody ask as soon as there are enough labels, and again after each `fresh` ones while it is refused."""
    block = gcd(config.samples, config.fresh)
    first, again = config.samples // block, config.fresh // block
    blocks = first + again * (asks - 1)
    right = np.concatenate(
        [np.zeros((runs, 1), dtype=np.int64), np.cumsum(rng.binomial(block, quality, (runs, blocks)), axis=1)], axis=1
    )
    when = np.full(runs, -1, dtype=np.int64)
    wanted, single = _wanted(config), 0.0
    for place in range(asks):
        at = first + place * again
        window = right[:, at] - right[:, at - first]
        passed = (window >= wanted) & (right[:, at] >= _lifelong(config, at * block))
        single = float(passed.mean()) if place == 0 else single
        when[passed & (when < 0)] = at * block
    promoted = when >= 0
    typical = int(np.median(np.where(promoted, when, np.iinfo(np.int64).max)))
    return Asked(
        bound=config.bound, quality=quality, single=single, persistent=float(promoted.mean()),
        labels=typical if promoted.mean() > 0.5 else None,
    )  # fmt: skip


def drift(watch: Watch, audit: Audit, errors: float, runs: int, actions: int, rng: np.random.Generator) -> Drifted:
    """Let actions whose audits have long been thin err at a new rate, until they are taken back."""
    up = step(error=True, good=watch.good, bad=watch.bad)
    down = step(error=False, good=watch.good, bad=watch.bad)
    shares = np.maximum(np.array(audit.shares), FLOOR)
    total, streak = np.zeros(runs), np.full(runs, audit.each * len(shares))
    recent, reviewed = np.zeros((runs, watch.of), dtype=bool), np.zeros(runs, dtype=np.int64)
    sent, wrong, live = np.zeros(runs, dtype=np.int64), np.zeros(runs, dtype=np.int64), np.ones(runs, dtype=bool)
    rows, spent = np.arange(runs), np.zeros(runs, dtype=np.int64)
    for _ in range(actions):
        share = shares[np.minimum(streak // audit.each, len(shares) - 1)]
        error, looked = rng.random(runs) < errors, (rng.random(runs) < share) & live
        sent += live
        wrong += live & error
        found = looked & error
        at = rows[looked], reviewed[looked] % watch.of
        spent[looked] += error[looked].astype(np.int64) - recent[at]
        recent[at] = error[looked]
        reviewed += looked
        total = np.where(looked, np.maximum(0.0, total + np.where(error, up, down)), total)
        streak = np.where(found, 0, streak + looked)
        live &= ~(looked & ((total > watch.threshold) | (spent > watch.errors)))
        if not live.any():
            break
    demoted = float((~live).mean())

    def typical(figure: Numbers) -> int | None:
        return int(np.median(figure[~live])) if demoted > 0.5 else None

    return Drifted(
        errors=errors, demoted=demoted, reviewed=typical(reviewed), sent=typical(sent), wrong=typical(wrong)
    )  # fmt: skip


def tables(found: Simulated) -> str:
    """Return the figures as Markdown."""
    lines = [
        f"{found.runs:,} rules of each quality; a persistent asker asks up to {found.asks} times.", "",
        "| true quality | " + " | ".join(f"{each}: one ask | persistent | labels" for each in BOUNDS) + " |",
        "|---" * (1 + 3 * len(BOUNDS)) + "|",
    ]  # fmt: skip
    for quality in QUALITIES:
        row = [each for each in found.asked if each.quality == quality]
        cells = (f"{each.single:.1%} | {each.persistent:.1%} | {each.labels or '-'}" for each in row)
        lines.append(f"| {quality:.1%} | {' | '.join(cells)} |")
    lines += [
        "", f"{found.runs // 2:,} promoted actions of each error rate, over {found.actions:,} sent alone:", "",
        "| errors | taken back | after reviews | after actions | of them wrong |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for each in found.drifted:
        figures = " | ".join(
            "-" if figure is None else str(figure) for figure in (each.reviewed, each.sent, each.wrong)
        )
        lines.append(f"| {each.errors:.0%} | {each.demoted:.1%} | {figures} |")
    return "\n".join(lines)


def _wanted(config: Graduation) -> int:
    """Return how many of a full window must be right; more than all when that cannot be reached."""
    if config.bound == "lower_bound":
        found = needed(config.samples, config.share, config.risk)
        return config.samples + 1 if found is None else found
    return ceil(round(config.share * config.samples, 9))


def _lifelong(config: Graduation, labels: int) -> int:
    """Return how many of all labels must be right for the anytime bound, by bisection."""
    if config.bound != "anytime":
        return 0
    low, high = 0, labels + 1
    while low < high:
        middle = (low + high) // 2
        if capital(middle, labels - middle, config.tolerated) >= 1 / config.risk:
            high = middle
        else:
            low = middle + 1
    return low
