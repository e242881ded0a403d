"""What the web asks of the layer besides the rest of the facade: looking over everything, and trying things."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

import msgspec

from api.insight.chronicle import Chronicle
from api.insight.kpi import Figure
from api.insight.line import Line
from api.insight.questions import Question
from api.outcomes import Refused
from api.reasons import Conjunct
from api.views import TimelineItem
from engine.events import Action, Decision, Proof


class RuleView(msgspec.Struct, frozen=True, kw_only=True):
    """One rule as it stands: in prose, in FEEL, and what it does.

    `when` are the conjuncts of its condition in FEEL, `lets` names for parts of it, `sets` what it concludes; `line` is
    where it begins in the ruleset's file.
    """

    id: str
    about: str
    subject: str
    because: str
    lets: tuple[tuple[str, str], ...] = ()
    when: tuple[str, ...] = ()
    sets: tuple[tuple[str, str], ...] = ()
    does: tuple["ActView", ...] = ()
    instead_of: tuple[str, ...] = ()
    line: int = 0


class ActView(msgspec.Struct, frozen=True, kw_only=True):
    """One action a rule proposes; `inputs` are (name, FEEL), `timing` the spans that govern it."""

    id: str
    operation: str
    policy: str
    prompt: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    timing: tuple[tuple[str, str], ...] = ()
    good: str = ""
    bad: str = ""


class ExampleView(msgspec.Struct, frozen=True, kw_only=True):
    """A given/then example of a ruleset; `passed` is None until it was run."""

    name: str
    passed: bool | None = None
    differences: tuple[str, ...] = ()
    line: int = 0


class RulesetView(msgspec.Struct, frozen=True, kw_only=True):
    """One ruleset: what people wrote, who wrote it, who let it in."""

    id: str
    title: str
    about: str
    owner: str
    revision: str
    authors: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    rules: tuple[RuleView, ...] = ()
    texts: Mapping[str, str] = {}


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What would be so of a subject under changed facts, rule by rule; `problems` are changes that do not fit."""

    subject: str
    at: datetime
    rules: tuple["Tried", ...] = ()
    facts: tuple["TriedFact", ...] = ()
    decisions: tuple[Decision, ...] = ()
    problems: tuple[str, ...] = ()


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One rule before and after the change: its truth, the parts of its condition, and its reason in words."""

    rule: str
    before: str
    after: str
    because: str = ""
    conjuncts: tuple[Conjunct, ...] = ()
    proof: Proof | None = None


class TriedFact(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of a trial: `path` is `type:id.field`; `text` is how a form holds it where it may be changed."""

    path: str
    value: Any
    after: Any = None
    kind: str = "text"
    text: str = ""
    changed: bool = False
    derived: bool = False


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """A remembered thing found by its words; `subject` is `type:id`, `label` what people call it."""

    subject: str
    label: str
    item: TimelineItem


class Denied(msgspec.Struct, frozen=True, kw_only=True):
    """A try that was refused."""

    at: datetime
    actor: str
    text: str


class Spend(msgspec.Struct, frozen=True, kw_only=True):
    """What a model cost on one day: calls, tokens, money as the provider's price list says."""

    day: str
    model: str
    calls: int
    tokens: int
    cost: str = ""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What a target system answered to a write: its own number for the record and where to look at it."""

    at: datetime
    result: str
    reference: str = ""
    link: str = ""
    detail: str = ""


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """One kept run of a workflow's labelled cases; `reasons` say why it failed."""

    at: datetime
    revision: str
    cases: int
    passed: int
    precision: float | None = None
    recall: float | None = None
    reasons: tuple[str, ...] = ()


class Cases(msgspec.Struct, frozen=True, kw_only=True):
    """The labelled cases of a workflow: id, what it shows, whether it may never fail; and the kept runs, newest first.

    `problems` say why the cases cannot be read.
    """

    cases: tuple[tuple[str, str, bool], ...] = ()
    runs: tuple[Scored, ...] = ()
    problems: tuple[str, ...] = ()


class Insight(Protocol):
    """Looking over everything."""

    async def lines(self, rulesets: frozenset[str] | None = None) -> Sequence[Line]:
        """Return one line for each action, or for those of some rulesets, newest first."""
        ...

    async def chronicle(self, rulesets: frozenset[str] | None = None) -> Chronicle:
        """Return when what happened to actions, or to those of some rulesets, for figures."""
        ...

    async def head(self) -> int:
        """Return how far the journal has come; it grows with everything that happens."""
        ...

    def labels(self, subjects: Sequence[str]) -> Mapping[str, str]:
        """Return what people call these `type:id`; the unknown are left out."""
        ...

    def folded(self, subjects: Sequence[str]) -> Sequence[str]:
        """Return what people call each `type:id`, folded to find words in, "" for the unknown."""
        ...

    def holder(self, record: str) -> str:
        """Return the `type:id` that a record (`source/stream/key`) speaks of, "" when none."""
        ...

    def rulesets(self) -> tuple[RulesetView, ...]:
        """Return every ruleset in force."""
        ...

    async def kpis(self, ruleset: str, since: date, until: date) -> tuple[Figure, ...]:
        """Return the key figures of a ruleset, "" for all, over the days of a period, beside their baselines."""
        ...

    async def examples(self, ruleset: str) -> tuple[ExampleView, ...]:
        """Run a ruleset's examples and return how each came out."""
        ...

    async def cases(self, ruleset: str) -> Cases:
        """Return the labelled cases of a ruleset and the kept runs over them."""
        ...

    async def trial(
        self, ruleset: str, subject: str, changes: Mapping[str, str], at: datetime | None = None
    ) -> Trial | Refused:
        """Try changed facts (`type:id.field` -> text) on a subject, in a session of their own: nothing is kept."""
        ...

    async def recall(
        self, text: str, subject: str = "", limit: int = 50, rulesets: frozenset[str] | None = None
    ) -> tuple[Remembered, ...]:
        """Return what is remembered by its words, the last one begun, the best match first.

        With `rulesets` only theirs and what is the company's, of the best thousand.
        """
        ...

    async def index(self) -> int:
        """Make a part of what was remembered since findable by its words; returns how many entries are left."""
        ...

    async def mail_reports(self) -> int:
        """Mail the week's outcome report to the owners of rules when it is due; returns how many mails went out."""
        ...

    async def receipts(self, id: str) -> tuple[Written, ...]:
        """Return what the target system answered to an action's writes, oldest first."""
        ...

    async def question(self, action: Action) -> Question | None:
        """Return what an action asks about a text, with what was read; None when it asks nothing of the kind."""
        ...

    async def denials(self, limit: int = 50, rulesets: frozenset[str] | None = None) -> tuple[Denied, ...]:
        """Return the last refused tries, newest first; with `rulesets` those on theirs."""
        ...

    async def spend(self) -> tuple[Spend, ...]:
        """Return what models cost, by day, newest first."""
        ...

    async def preference(self, person: str, name: str) -> Any:  # noqa: ANN401  (JSON)
        """Return a person's setting of the web, None when there is none."""
        ...

    async def set_preference(self, person: str, name: str, value: Any) -> None:  # noqa: ANN401  (JSON)
        """Keep a person's setting of the web."""
        ...
