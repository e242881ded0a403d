"""The double's side of looking over everything: lines of what it holds, one ruleset, settings in a dict."""
# ruff: noqa: ARG002  (a double takes what the protocol gives)

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from api.folding import fold
from api.insight.chronicle import Chronicle
from api.insight.kpi import Figure
from api.insight.line import Line, line_of
from api.insight.port import Cases, Denied, ExampleView, Remembered, RulesetView, RuleView, Spend, Trial, Written
from api.insight.questions import Question
from api.outcomes import Refused
from engine.events import Action
from engine.source.problem import Problem
from tests.api import sample


class DoubleInsight:
    """Implements `api.insight.port.Insight`."""

    store: dict[str, Action]

    moves = 1
    timeline: Any
    preferences: dict[tuple[str, str], Any]

    async def lines(self, rulesets: frozenset[str] | None = None) -> Sequence[Line]:
        lines = (line_of(each) for each in self.store.values())
        return tuple(each for each in lines if rulesets is None or each.ruleset in rulesets)

    async def chronicle(self, rulesets: frozenset[str] | None = None) -> Chronicle:
        return Chronicle.of(await self.lines(rulesets))

    async def head(self) -> int:
        return self.moves

    def labels(self, subjects: Sequence[str]) -> Mapping[str, str]:
        ids = {each: each.removeprefix("customer:") for each in subjects}
        return {each: sample.CUSTOMERS[id][0] for each, id in ids.items() if id in sample.CUSTOMERS}

    def folded(self, subjects: Sequence[str]) -> Sequence[str]:
        return [fold(self.labels([each]).get(each, "")) for each in subjects]

    def holder(self, record: str) -> str:
        return "customer:C-1042" if record.startswith("erp/") else ""

    def rulesets(self) -> tuple[RulesetView, ...]:
        rule = RuleView(
            id="overdue_account", about="One task.", subject="customer", because="late", when=("days_overdue > 7",)
        )
        return (
            RulesetView(
                id="collections",
                title="Collections",
                about="Dunning.",
                owner="Zeynep",
                revision="3f9c2a",
                rules=(rule,),
            ),
        )

    async def kpis(self, ruleset: str, since: date, until: date) -> tuple[Figure, ...]:
        return ()

    async def examples(self, ruleset: str) -> tuple[ExampleView, ...]:
        return (ExampleView(name="eight days over", passed=True),)

    async def cases(self, ruleset: str) -> Cases:
        return Cases()

    async def trial(
        self, ruleset: str, subject: str, changes: Mapping[str, str], at: datetime | None = None
    ) -> Trial | Refused:
        return Refused((Problem("unknown-subject", f"nothing is called `{subject}`"),))

    async def recall(
        self, text: str, subject: str = "", limit: int = 50, rulesets: frozenset[str] | None = None
    ) -> tuple[Remembered, ...]:
        told = await self.timeline(subject or "customer:C-1042")
        found = [each for each in told if text.casefold() in each.text.casefold()]
        return tuple(Remembered(subject="customer:C-1042", label="Karadeniz", item=each) for each in found)

    async def index(self) -> int:
        return 0

    async def mail_reports(self) -> int:
        return 0

    async def receipts(self, id: str) -> tuple[Written, ...]:
        return ()

    async def question(self, action: Action) -> Question | None:
        return None

    async def denials(self, limit: int = 50, rulesets: frozenset[str] | None = None) -> tuple[Denied, ...]:
        return ()

    async def spend(self) -> tuple[Spend, ...]:
        return ()

    async def preference(self, person: str, name: str) -> Any:
        return self.preferences.get((person, name))

    async def set_preference(self, person: str, name: str, value: Any) -> None:
        self.preferences[person, name] = value
