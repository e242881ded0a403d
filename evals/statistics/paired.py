"""Comparisons of two versions on the same cases."""

from collections.abc import Hashable, Sequence

from evals.statistics.binomial import at_most


def mcnemar(only_before: int, only_after: int) -> float:
    """Return the exact two-sided p-value of McNemar's test (1947, Psychometrika 12:153).

    Given are the discordant pairs: right before and wrong after, and the reverse. 1 when there are none.
    """
    pairs = only_before + only_after
    return min(1.0, 2 * at_most(min(only_before, only_after), pairs, 0.5)) if pairs else 1.0


def worse(only_before: int, only_after: int) -> float:
    """Return the one-sided p-value that the later version is worse."""
    pairs = only_before + only_after
    return at_most(only_after, pairs, 0.5) if pairs else 1.0


def kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Return the agreement of two raters beyond chance (Cohen 1960, Educ. Psychol. Meas. 20:37).

    None where chance alone would agree always, or there is nothing to compare.
    """
    count = len(first)
    if not count:
        return None
    agreed = sum(a == b for a, b in zip(first, second, strict=True)) / count
    labels = {*first, *second}
    chance = sum((first.count(each) / count) * (second.count(each) / count) for each in labels)
    return None if chance == 1 else (agreed - chance) / (1 - chance)
