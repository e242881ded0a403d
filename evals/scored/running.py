"""Running labelled cases: the engine decides and the drafting service writes, as they do in production."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from time import perf_counter
from typing import Any

import msgspec

from approvals import configured
from approvals.drafting.service import DraftingService
from engine.events import Decision, Draft
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.rules import Home
from engine.rules.cases import Case
from engine.source.expression import Expression
from evals.examples import check, named, settled
from evals.labelled.reading import example
from evals.scored.asking import Meter
from evals.scored.structs import Tried, WordScore
from evals.scored.words import Judge, score

Progress = Callable[[int, int], None]


def _quiet(_done: int, _all: int) -> None:
    return


@dataclass(frozen=True, slots=True)
class Runner:
    """What cases are run with; `meter` asks the models and counts what they cost."""

    home: Home
    workflow: str
    meter: Meter = field(default_factory=Meter)
    judge: Judge | None = None

    def run(self, cases: Sequence[Case], repeat: int = 1, progress: Progress = _quiet) -> tuple[Tried, ...]:
        """Run every case so many times; one that does not come out alike is flaky, and has failed."""
        return asyncio.run(self._all(cases, repeat, progress))

    async def _all(self, cases: Sequence[Case], repeat: int, progress: Progress) -> tuple[Tried, ...]:
        rulebook = Rulebook.of(self.home)
        found = []
        for number, case in enumerate(cases, 1):
            found.append(_together([await self._one(rulebook, case) for _ in range(repeat)]))
            progress(number, len(cases))
        return tuple(found)

    async def _one(self, rulebook: Rulebook, case: Case) -> Tried:
        began, before = perf_counter(), self.meter.spent
        told: dict[str, Any] = {"id": case.id, "name": case.name, "pinned": case.pinned, "segment": case.segment}
        wanted = dict.fromkeys(case.should, True) | dict.fromkeys(case.should_not, False)
        try:
            seen = self._decide(rulebook, case)
            words = tuple([await self._words(seen, each) for each in case.words])
        except Exception as error:  # noqa: BLE001  (whatever breaks a case fails that case, and is told)
            decided = {name: (expected, not expected) for name, expected in wanted.items()}
            return Tried(**told, passed=False, decided=decided, error=f"{type(error).__name__}: {error}",
                         seconds=perf_counter() - began)  # fmt: skip
        decided = {name: (expected, name in seen.proposed) for name, expected in wanted.items()}
        faults = [
            f"{name}: {'not proposed' if expected else 'proposed'}"
            + (f" ({seen.because(name)})" if not expected else "")
            for name, (expected, found) in decided.items()
            if expected != found
        ]
        faults += [f"{each.of}: {fault}" for each in words for fault in each.faults]
        spent = self.meter.spent
        return Tried(
            **told, passed=not faults, faults=tuple(faults), decided=decided, words=words,
            seconds=perf_counter() - began, tokens=spent.tokens - before.tokens, cost=str(spent.cost - before.cost),
        )  # fmt: skip

    def _decide(self, rulebook: Rulebook, case: Case) -> "_Seen":
        seen = _Seen()
        check(self.home, rulebook, self.workflow, example(case), seen.watch)
        return seen

    async def _words(self, seen: "_Seen", wanted: Any) -> WordScore:  # noqa: ANN401  (Words)
        decision = seen.proposed.get(wanted.of)
        if decision is None:
            return WordScore(of=wanted.of, origin="", faults=("it was not proposed",))
        draft = await self.draft(seen.session, decision)
        return await score(wanted, draft, self.judge)

    async def draft(self, session: Session, decision: Decision) -> Draft | None:
        """Write the words of a decision as production would."""
        prompts = {file: configured.prompt(each) for file, each in self.home.prompts.items()}
        service = DraftingService(
            lambda each: prompts.get(f"rules/{each.key.ruleset}/{each.draft}"), drafters=self.meter.drafters,
            language=self.home.app.language, company=self.home.app.company,
        )  # fmt: skip

        def values(made: Decision, expressions: Mapping[str, Expression]) -> Mapping[str, Any]:
            subject = session.state.find(made.key.subject)
            if subject is None:
                return dict.fromkeys(expressions)
            return {name: session.value(subject, each.text) for name, each in expressions.items()}

        return await service.draft(decision, service.facts(decision, values))


class _Seen:
    """What a case decided by its end, and the session to write words from."""

    session: Session

    def __init__(self) -> None:
        self._made: list[Decision] = []

    def watch(self, session: Session, decisions: Sequence[Decision]) -> None:
        self.session = session
        self._made += decisions

    @property
    def proposed(self) -> dict[str, Decision]:
        return {named(each): each for each in settled(self._made) if each.kind == "propose"}

    def because(self, name: str) -> str:
        return self.proposed[name].because.strip() if name in self.proposed else ""


def _together(tries: Sequence[Tried]) -> Tried:
    """Return one result of several tries; the first that failed speaks for all."""
    worst = next((each for each in tries if not each.passed), tries[0])
    outcomes = {(each.passed, tuple(sorted(each.decided.items()))) for each in tries}
    return msgspec.structs.replace(
        worst, flaky=len(outcomes) > 1, seconds=sum(each.seconds for each in tries) / len(tries),
        tokens=sum(each.tokens for each in tries), cost=str(sum((Decimal(each.cost) for each in tries), Decimal(0))),
    )  # fmt: skip
