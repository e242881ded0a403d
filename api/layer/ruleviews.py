"""The rulesets in force, for people to read; and their examples, run."""

import asyncio
from pathlib import Path
from typing import NamedTuple

import msgspec

from api.insight.port import ActView, Cases, ExampleView, RulesetView, RuleView, Scored
from api.layer.parts import Part, Parts
from engine.events import ActionKey
from engine.feel import unparse
from engine.inference.nodes import Condition
from engine.inference.whynot import conjuncts
from engine.rules.cases import Case
from engine.rules.home import Home
from engine.rules.structs import ActionSpec, Rule, Ruleset
from engine.source.problem import ConfigError
from evals import kept
from evals.examples import check
from evals.labelled.reading import cases_of, written

_RUNS = 5
_TIMING = ("valid_for", "rearm", "repeat", "cooldown", "group")


class _Read(NamedTuple):
    """The cases of a workflow as they were read, from what, under which configuration."""

    home: Home
    files: tuple[bytes, ...]
    cases: tuple[Case, ...] = ()
    problems: tuple[str, ...] = ()


class RuleViews(Part):
    """The part of api.insight.port.Insight that shows rules."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._cases: dict[str, _Read] = {}

    def rulesets(self) -> tuple[RulesetView, ...]:
        """See api.insight.port.Insight."""
        return tuple(self._ruleset(each) for _, each in sorted(self.parts.home.rulesets.items()))

    async def examples(self, ruleset: str) -> tuple[ExampleView, ...]:
        """See api.insight.port.Insight."""
        home, rulebook = self.parts.home, self.parts.pipeline.session.rulebook
        given = home.examples.get(ruleset)
        found = []
        for each in given.examples if given else ():
            result = await asyncio.to_thread(check, home, rulebook, ruleset, each)
            found.append(
                ExampleView(
                    name=each.name, passed=result.passed, differences=result.differences, line=each.place.line or 0
                )
            )
        return tuple(found)

    async def cases(self, ruleset: str) -> Cases:
        """See api.insight.port.Insight."""
        known = self._cases.get(ruleset)
        found = self._cases[ruleset] = await asyncio.to_thread(
            _read, self.parts.folder, self.parts.home, ruleset, known
        )
        named = tuple((each.id, each.name, each.pinned) for each in found.cases)
        return Cases(
            cases=named, runs=await asyncio.to_thread(_runs, self.parts.folder, ruleset), problems=found.problems
        )

    def _ruleset(self, ruleset: Ruleset) -> RulesetView:
        parts = self.parts
        folder = f"rules/{ruleset.id}/"
        conditions = [each for each in parts.pipeline.session.rulebook.nodes if isinstance(each, Condition)]
        own = {each.rule.id: each for each in conditions if each.ruleset.id == ruleset.id and not each.action}
        rules = tuple(_rule(rule, own.get(rule.id)) for rule in ruleset.rules)
        rules = tuple(
            msgspec.structs.replace(rule, does=tuple(self._with_policy(act) for act in rule.does)) for rule in rules
        )
        authors = parts.context.authors(ActionKey(ruleset.id, "", "", ""), parts.home.revision)
        names = {each.id: each.name for each in parts.people.values()}
        return RulesetView(
            id=ruleset.id,
            title=ruleset.title or ruleset.id,
            about=ruleset.about.strip(),
            owner=names.get(ruleset.owner or "", ruleset.owner or ""),
            revision=parts.home.revision,
            authors=tuple(sorted(names.get(each, each) for each in authors)),
            rules=rules,
            texts={name: text for name, text in sorted(parts.home.texts.items()) if name.startswith(folder)},
        )

    def _with_policy(self, act: ActView) -> ActView:
        return act if act.policy else msgspec.structs.replace(act, policy=self.parts.home.autonomy.default or "")


def _rule(rule: Rule, condition: Condition | None) -> RuleView:
    written = conjuncts(condition.when.written) if condition else ()
    return RuleView(
        id=rule.id,
        about=rule.about.strip(),
        subject=rule.for_,
        because=rule.because.text.strip() if rule.because else "",
        lets=tuple((name, each.text.strip()) for name, each in rule.let.items()),
        when=tuple(unparse(each) for each in written) or (rule.when.text.strip(),),
        sets=tuple((name, each.text.strip()) for name, each in rule.set.items()),
        does=tuple(map(_act, rule.do)),
        instead_of=rule.instead_of,
        line=rule.place.line or 0,
    )


def _act(spec: ActionSpec) -> ActView:
    inputs = []
    for name, given in spec.with_.items():
        if isinstance(given, dict):
            inputs += [(f"{name}.{part}", each.text.strip()) for part, each in given.items()]
        elif isinstance(given, list):
            inputs.append((name, ", ".join(each.text.strip() for each in given)))
        else:
            inputs.append((name, given.text.strip()))
    timing = [(name, getattr(spec, name)) for name in _TIMING if getattr(spec, name)]
    timing += [("while", spec.while_.text.strip())] if spec.while_ else []
    outcome = spec.outcome
    return ActView(
        id=spec.id,
        operation=spec.operation,
        policy=spec.autonomy or "",
        prompt=spec.draft or "",
        inputs=tuple(inputs),
        timing=tuple(timing),
        good=outcome.good.text.strip() if outcome and outcome.good else "",
        bad=outcome.bad.text.strip() if outcome and outcome.bad else "",
    )


def _read(folder: Path, home: Home, ruleset: str, known: _Read | None) -> _Read:
    """Read and check the cases, unless neither they nor the configuration changed: there may be thousands."""
    files = written(folder, ruleset)
    if known is not None and known.home is home and known.files == files:
        return known
    try:
        return _Read(home, files, cases_of(folder, home, ruleset))
    except ConfigError as error:
        return _Read(home, files, problems=tuple(str(each.message) for each in error.problems))


def _runs(folder: Path, ruleset: str) -> tuple[Scored, ...]:
    return tuple(
        Scored(
            at=each.at, revision=each.revision, cases=len(each.cases), passed=each.passed,
            precision=each.overall.confusion.precision, recall=each.overall.confusion.recall, reasons=each.reasons(),
        )
        for each in reversed(kept.runs(folder, ruleset, _RUNS))
    )  # fmt: skip
