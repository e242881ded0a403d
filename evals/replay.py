"""Playing files of the past day by day as if they were live: nothing is known before its day."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from engine.events import Decision, Record
from engine.feel import Value
from engine.identity import evidence_of, identify, tell
from engine.inference.clock import HeldClock
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.inference.state import Entity
from engine.mapping import CompiledMapping, compile_mapping
from engine.ports import Rejected
from engine.rules import Home, load_home
from engine.source.expression import Expression
from engine.source.problem import Place, Problem
from evals.history import Moment, read_history, span
from evals.plan import Count, Plan, Score, load_plan
from evals.report import Column, Faulty, Report, Row, Scored
from evals.scoring import Confusion

Progress = Callable[[str], None]
_DAY = timedelta(days=1)


def run(
    folder: Path,
    sources: Mapping[str, Path],
    *,
    start: date | None = None,
    end: date | None = None,
    progress: Progress = lambda _text: None,
) -> Report:
    """Replay the files and return what the rules made of them; raises ConfigError, SourceDown."""
    home = load_home(folder).sound()
    plan = load_plan(folder)
    clock = HeldClock(datetime.now().astimezone())
    moments, rejected = asyncio.run(read_history(folder, home, sources, clock))
    if not moments:
        return Report(columns=(), scores=(), rejected=tuple(map(_faulty, rejected)), events=0, seconds=0.0)
    return _Replay(home, plan, clock, progress).play(moments, rejected, start, end)


class _Replay:
    """One replay under way."""

    def __init__(self, home: Home, plan: Plan, clock: HeldClock, progress: Progress) -> None:
        self.home = home
        self.plan = plan
        self.clock = clock
        self.progress = progress
        self.rulebook = Rulebook.of(home)
        self.evidence = evidence_of(self.rulebook.model)
        self.zone = self.rulebook.settings.zone
        self.mappers = dict(self._mappers())
        self.counts: dict[str, dict[str, list[Any]]] = {count.title: defaultdict(list) for count in plan.counts}
        self.flagged: dict[str, dict[str, date]] = {score.action: {} for score in plan.scores}
        self.guesses: dict[tuple[str, str], dict[str, bool]] = {}
        self.waiting: dict[str, dict[date, list[str]]] = {score.action: defaultdict(list) for score in plan.scores}
        self.asked: set[tuple[str, str]] = set()
        self.refused: list[Faulty] = []

    def _mappers(self) -> Iterator[tuple[str, CompiledMapping]]:
        home = self.home
        for name, mapping in home.mappings.items():
            source, currency, functions = home.sources.sources.get(name), home.app.currency, home.functions
            yield (
                name,
                compile_mapping(mapping, home.model, source, zone=self.zone, currency=currency, functions=functions),
            )

    def play(
        self, moments: Sequence[Moment], rejected: Sequence[Rejected], start: date | None, end: date | None
    ) -> Report:
        """Go through all days from the first to the last, and a little beyond for what follows from the last."""
        first, last = span(moments)
        day = max(first.astimezone(self.zone).date(), start or date.min)
        until = min(last.astimezone(self.zone).date(), end or date.max)
        self.clock.set(datetime.combine(min(day, first.astimezone(self.zone).date()), time(), self.zone))
        self.session = Session(self.rulebook, self.clock, complete=True)
        self.days = defaultdict[date, list[Record]](list)
        for moment, record in moments:
            self.days[max(moment.astimezone(self.zone).date(), day)].append(record)
        began = perf_counter()
        events = 0
        while day <= until:
            events += self._day(day)
            day += _DAY
        seconds = perf_counter() - began
        self.progress("")
        faulty = (*map(_faulty, rejected), *self.refused)
        return Report(
            columns=tuple(self._columns()),
            scores=tuple(self._scores()),
            rejected=faulty,
            events=events,
            seconds=seconds,
        )

    def _day(self, day: date) -> int:
        """Let a day begin, tell what it brings, and at its end ask the baselines about what is due."""
        self.clock.set(datetime.combine(day, time(), self.zone))
        self._count(self.session.advance(self.clock.now()))
        records = self.days.get(day, ())
        for record in records:
            self._tell(record)
        for score in self.plan.scores:
            self._ask(score, day)
        if day.day == 1:
            self.progress(f"{day:%B %Y}")
        return len(records)

    def _tell(self, record: Record) -> None:
        mapped = tell(self.session.state, self.mappers[record.source], record)
        if isinstance(mapped, Problem):
            self.refused.append(
                Faulty(place=str(mapped.place or Place(record.address)), message=mapped.message, hint=mapped.hint)
            )
            return
        for each in mapped:
            event = identify(self.session.state, each, self.evidence)
            self._count(self.session.apply(event))
            for score in self.plan.scores:
                if event.entity == score.subject:
                    self._expect(score, event.id)

    def _expect(self, score: Score, id: str) -> None:
        """Note the day by which a prediction about this subject must have been made."""
        if (score.action, id) not in self.asked:
            due = self._value(score.subject, id, score.by)
            if isinstance(due, date):
                self.asked.add((score.action, id))
                self.waiting[score.action][due].append(id)

    def _ask(self, score: Score, day: date) -> None:
        for id in self.waiting[score.action].pop(day, ()):
            self.guesses[score.action, id] = {
                name: self._value(score.subject, id, each) is True for name, each in score.baselines.items()
            }

    # --- counting ---------------------------------------------------------------------------------------------

    def _count(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            name = f"{decision.key.rule}/{decision.key.action}"
            local = decision.at.astimezone(self.zone).date()
            if decision.kind == "propose" and name in self.flagged:
                self.flagged[name].setdefault(decision.key.subject, local)
            for count in self.plan.counts:
                if decision.kind == count.kind and name in count.actions and self._counts(count, decision):
                    self.counts[count.title][f"{local:%Y-%m}"].append(self._by(count, decision))

    def _counts(self, count: Count, decision: Decision) -> bool:
        return count.because is None or self._of(decision, count.because) is True

    def _by(self, count: Count, decision: Decision) -> Value:
        return decision.id if count.by is None else self._of(decision, count.by)

    def _of(self, decision: Decision, expression: Expression) -> Value:
        type, _, id = decision.key.subject.partition(":")
        return self._value(type, id, expression)

    def _value(self, type: str, id: str, expression: Expression) -> Value:
        entity = self.session.state.entity(type, id)
        return None if entity is None else self.session.value(entity, expression.text)

    def _columns(self) -> Iterator[Column]:
        for count in self.plan.counts:
            months = self.counts[count.title]
            by_month = {month: len(set(months[month])) for month in sorted(months)}
            everything = {value for values in months.values() for value in values}
            yield Column(title=count.title, months=by_month, total=len(everything))

    # --- scoring ----------------------------------------------------------------------------------------------

    def _scores(self) -> Iterator[Scored]:
        for score in self.plan.scores:
            rows: dict[str, dict[str, Confusion]] = defaultdict(lambda: defaultdict(Confusion))
            for entity in self.session.state.entities[score.subject].values():
                self._score(score, entity, rows)
            yield Scored(
                title=score.title,
                rows=tuple(
                    Row(group=group, prediction=name, confusion=confusion)
                    for group, by_name in sorted(rows.items())
                    for name, confusion in by_name.items()
                ),
            )

    def _score(self, score: Score, entity: Entity, rows: dict[str, dict[str, Confusion]]) -> None:
        if self.session.value(entity, score.known.text) is not True or (score.action, entity.id) not in self.guesses:
            return
        true = self.session.value(entity, score.true.text) is True
        due = self.session.value(entity, score.by.text)
        made = self.flagged[score.action].get(entity.ref)
        guesses = {
            "the rules": made is not None and made <= due,
            **self.guesses[score.action, entity.id],
            "flag all": True,
            "flag none": False,
        }
        groups = ["all"] if score.split is None else ["all", str(self.session.value(entity, score.split.text))]
        for group in groups:
            for name, guess in guesses.items():
                rows[group][name] = rows[group][name].add(guess, true)


def _faulty(rejected: Rejected) -> Faulty:
    problem = rejected.problem
    return Faulty(place=str(problem.place or rejected.key), message=problem.message, hint=problem.hint)
