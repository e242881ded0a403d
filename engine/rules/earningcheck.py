"""Whether the figures by which autonomy is earned make sense: each in its range, and fitting its neighbours."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from engine.rules.home import Home
from engine.settings.earning import FLOOR, Earning
from engine.source.problem import Problem

AUTONOMY = "config/autonomy.yaml"

Steps = tuple[str, ...]


def check_earning(home: Home) -> Iterator[Problem]:
    """Yield every figure below `earned` that is out of its range, at its place."""
    earned = home.autonomy.earned
    if AUTONOMY in home.faulty:
        return
    for steps, wanted in (*_single(earned), *_shares(earned), *_together(earned)):
        value = _at(earned, steps)
        told = ", ".join(map(str, value)) if isinstance(value, tuple) else value
        place = home.index.value(earned.place, *steps)
        yield Problem("out-of-range", f"`{'.'.join(steps)}` is {told}", place, f"it is {wanted}")


def _single(earned: Earning) -> Iterator[tuple[Steps, str]]:
    """Yield what is out of its range by itself."""
    for steps, low, high in (
        (("go_live", "share"), 0.0, 1.0), (("graduation", "share"), 0.5, 1.0), (("graduation", "risk"), 0.0001, 0.5),
        (("graduation", "tolerated"), 0.5, 0.9999), (("watch", "good"), 0.0001, 0.5),
        (("watch", "bad"), 0.0001, 0.9999), (("review", "canaries"), 0.0, 0.2), (("review", "second"), 0.0, 1.0),
    ):  # fmt: skip
        if not low <= _at(earned, steps) <= high:
            yield steps, f"a share from {low:g} to {high:g}"
    for steps, least in (
        (("go_live", "cases"), 1), (("graduation", "samples"), 1), (("graduation", "fresh"), 1),
        (("canary", "reviewed"), 1), (("audit", "each"), 1), (("watch", "errors"), 0), (("watch", "of"), 1),
        (("review", "least"), 1),
    ):  # fmt: skip
        if _at(earned, steps) < least:
            yield steps, f"at least {least}"
    if earned.watch.threshold <= 0:
        yield ("watch", "threshold"), "more than 0"


def _shares(earned: Earning) -> Iterator[tuple[Steps, str]]:
    """Yield series of shares that are empty, leave their range, or do not run one way."""
    if not _runs(earned.canary.shares, 0.0):
        yield ("canary", "shares"), "one share or more, each above the one before, from more than 0 to 1"
    if not _runs(tuple(reversed(earned.audit.shares)), FLOOR - 1e-9):
        yield ("audit", "shares"), f"one share or more, each below the one before, from 1 down to {FLOOR}"


def _runs(shares: Sequence[float], above: float) -> bool:
    ordered = all(first < second for first, second in pairwise(shares))
    return bool(shares) and ordered and shares[0] > above and shares[-1] <= 1


def _together(earned: Earning) -> Iterator[tuple[Steps, str]]:
    """Yield what does not fit its neighbour."""
    if earned.graduation.tolerated > earned.graduation.share:
        yield ("graduation", "tolerated"), f"at most `share`, which is {earned.graduation.share:g}"
    if earned.watch.good >= earned.watch.bad:
        yield ("watch", "good"), f"less than `bad`, which is {earned.watch.bad:g}"
    if earned.watch.errors >= earned.watch.of:
        yield ("watch", "errors"), f"less than `of`, which is {earned.watch.of}"


def _at(earned: Earning, steps: Steps) -> Any:  # noqa: ANN401  (a figure, or a series of them)
    return getattr(getattr(earned, steps[0]), steps[1])
