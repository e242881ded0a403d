"""What a run of labelled cases found, as it is kept and compared."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from evals.scoring import Confusion


class WordScore(msgspec.Struct, frozen=True, kw_only=True):
    """How one draft did: what was missing or forbidden, how like the sent text it is, what a judging model says.

    `similarity` is 0 to 1, None where nobody sent a text; `person` is what a person thought of it.
    """

    of: str
    origin: str
    faults: tuple[str, ...] = ()
    similarity: float | None = None
    judged: str = ""
    person: str = ""
    text: str = ""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One case, once or several times: `decided` has what should be decided, as (expected, found) by its name."""

    id: str
    name: str
    passed: bool
    faults: tuple[str, ...] = ()
    decided: Mapping[str, tuple[bool, bool]] = {}
    words: tuple[WordScore, ...] = ()
    error: str = ""
    flaky: bool = False
    pinned: bool = False
    segment: Mapping[str, str] = {}
    seconds: float = 0.0
    tokens: int = 0
    cost: str = "0"


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one group of decisions; `errors` are expectations of cases that could not be run: failures all."""

    name: str
    confusion: Confusion
    errors: int = 0


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One run against another on the same cases: McNemar's exact test over the discordant ones."""

    against: str
    cases: int
    broken: tuple[str, ...]
    mended: tuple[str, ...]
    p: float
    worse: float


class EvalRun(msgspec.Struct, frozen=True, kw_only=True):
    """The whole; `kappa` is the agreement of the judging model with people, None where there is nothing to compare."""

    workflow: str
    at: datetime
    revision: str
    route: str
    repeat: int
    cases: tuple[Tried, ...]
    groups: tuple[Group, ...]
    kappa: float | None = None
    comparisons: tuple[Comparison, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def overall(self) -> Group:
        """The figures of all decisions."""
        return self.groups[0]

    @property
    def passed(self) -> int:
        """How many cases passed, each time they ran."""
        return sum(each.passed for each in self.cases)

    def reasons(self) -> tuple[str, ...]:
        """Return why the run fails: pinned cases that failed, errors, a comparison that is significantly worse."""
        found = [f"pinned case {each.id} failed" for each in self.cases if each.pinned and not each.passed]
        found += [f"case {each.id} could not be run: {each.error}" for each in self.cases if each.error]
        found += [
            f"worse than {each.against}: {len(each.broken)} broken, {len(each.mended)} mended, p = {each.worse:.3f}"
            for each in self.comparisons
            if each.worse < 0.05
        ]
        return tuple(found)
