"""What reviewers miss, and what that does to figures that rest on their verdicts.

Were the share `missed` of mistakes approved, a true error rate e would look like e (1 - missed). So what is asked of
the figure as seen is asked of the truth behind it: an error rate of 2 % must look like 2 % (1 - missed) or less.
"""

import msgspec

from evals.statistics.binomial import lower_bound


class Misses(msgspec.Struct, frozen=True, kw_only=True):
    """Mistakes that were shown to reviewers and known beforehand or found later, and how many of them passed."""

    shown: int = 0
    missed: int = 0

    def upper(self, least: int, risk: float) -> float:
        """Return the one-sided upper bound of the share that is missed; 0 while too few were shown to say."""
        if self.shown < max(least, 1):
            return 0.0
        return 1 - lower_bound(self.shown - self.missed, self.shown, risk)


def stricter(share: float, missed: float) -> float:
    """Return the share of right ones that must be seen for `share` of them to be right."""
    return 1 - (1 - share) * (1 - missed)
