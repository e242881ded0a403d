"""What the examples show of the rules: which conditions they ever make true and false, and which rows of tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from engine.events import Decision
from engine.feel import ast, unparse
from engine.inference.nodes import Condition
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.inference.whynot import why_not
from engine.rules import load_home
from evals.coveredrows import RowWatcher, TableCoverage
from evals.examples import ExampleResult, check

_SEEN = ("true", "false")


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One conjunct of a condition, and which of `true` and `false` no example ever makes it."""

    text: str
    never: tuple[str, ...] = ()


class RuleCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """One rule's `when`, or an action's own `while`; `place` is where it stands."""

    rule: str
    key: str
    place: str
    parts: tuple[Part, ...]

    @property
    def missing(self) -> int:
        """How many outcomes no example shows."""
        return sum(len(part.never) for part in self.parts)


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """All conditions, and the tables that are called.

    `percent` is the share of outcomes, two a conjunct and two a row, that some example shows.
    """

    rules: tuple[RuleCoverage, ...]
    tables: tuple[TableCoverage, ...] = ()
    shown: int
    outcomes: int

    @property
    def percent(self) -> float:
        """The share shown, 100 when there is nothing to show."""
        return 100.0 * self.shown / self.outcomes if self.outcomes else 100.0

    def text(self) -> str:
        """Return what is missing, rule by rule."""
        lines = [line for rule in self.rules if rule.missing for line in _lines(rule)]
        lines += [line for table in self.tables for line in table.lines()]
        return "\n".join([*lines, f"{self.percent:.1f} % covered: {self.shown} of {self.outcomes} outcomes are shown."])


def run(folder: Path, workflows: Sequence[str] = ()) -> tuple[list[ExampleResult], Coverage]:
    """Run the examples and watch the conditions; raises ConfigError when the home has faults."""
    home = load_home(folder).sound()
    rows = RowWatcher(home, workflows)
    rulebook = Rulebook.of(replace(home, functions=rows.functions))
    watcher = _Watcher(rulebook, workflows)
    results = [
        check(home, rulebook, workflow, example, watcher.watch)
        for workflow, examples in sorted(home.examples.items())
        if not workflows or workflow in workflows
        for example in examples.examples
    ]
    return results, watcher.coverage(rows.coverage())


class _Watcher:
    """Looks at every subject's conditions after each input."""

    def __init__(self, rulebook: Rulebook, workflows: Sequence[str]) -> None:
        self.conditions = [
            node
            for node in rulebook.nodes
            if isinstance(node, Condition) and (not workflows or node.ruleset.id in workflows)
        ]
        self.seen: dict[int, dict[str, set[str]]] = {}

    def watch(self, session: Session, _decisions: Sequence[Decision]) -> None:
        for condition in self.conditions:
            for entity in session.state.entities.get(condition.type, {}).values():
                parts = self.seen.setdefault(condition.index, {})
                for part in why_not(session, condition, entity).parts:
                    parts.setdefault(part.text, set()).add(part.outcome)

    def coverage(self, tables: tuple[TableCoverage, ...]) -> Coverage:
        """Return what was seen and what was not; a rule whose subject no example has shows nothing."""
        rules = tuple(sorted(map(self._rule, self.conditions), key=lambda each: (each.rule, each.key)))
        outcomes = sum(2 * len(rule.parts) for rule in rules) + sum(table.outcomes for table in tables)
        missing = sum(rule.missing for rule in rules) + sum(table.missing for table in tables)
        return Coverage(rules=rules, tables=tables, outcomes=outcomes, shown=outcomes - missing)

    def _rule(self, condition: Condition) -> RuleCoverage:
        seen: Mapping[str, set[str]] = self.seen.get(condition.index, {})
        parts = tuple(
            Part(text=text, never=tuple(each for each in _SEEN if each not in seen.get(text, ())))
            for text in _conjuncts(condition.when.written)
        )
        key = f"{condition.action}: while" if condition.action else "when"
        return RuleCoverage(rule=condition.name, key=key, place=str(condition.when.place), parts=parts)


def _conjuncts(written: ast.Node) -> Iterator[str]:
    yield from (unparse(part) for part in (written.operands if isinstance(written, ast.And) else (written,)))


def _lines(rule: RuleCoverage) -> Iterator[str]:
    yield f"{rule.place}: {rule.rule} ({rule.key})"
    for part in rule.parts:
        if part.never:
            yield f"  no example makes `{part.text}` {' or '.join(part.never)}"
