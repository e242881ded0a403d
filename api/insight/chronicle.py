"""When what happened to actions, in order: a period costs what happened in it, however long the memory is."""

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from api.insight.line import Line

KINDS = ("decided_at", "ended_at", "outcome_at")
_At: TypeAlias = tuple[datetime, str]


class Happened:
    """The moments of one rule: of its actions' creation alone, of each other kind with the line."""

    def __init__(self) -> None:
        self._created: list[datetime] = []
        self._order: dict[str, list[_At]] = {kind: [] for kind in KINDS}
        self._lines: dict[str, Line] = {}

    def put(self, line: Line, before: Line | None) -> None:
        """Note a line, in place of what it was before."""
        if before is None:
            insort(self._created, line.created_at)
        for kind, order in self._order.items():
            was, now = getattr(before, kind, None), getattr(line, kind)
            if was != now:
                _move(order, line.id, was, now)
        if line.decided_at or line.ended_at or line.outcome_at:
            self._lines[line.id] = line
        else:
            self._lines.pop(line.id, None)

    def created(self, since: datetime, until: datetime) -> int:
        """Count what was created in a period."""
        return bisect_left(self._created, until) - bisect_left(self._created, since)

    def within(self, kind: str, since: datetime, until: datetime) -> Iterator[Line]:
        """Yield the lines of which a kind of moment lies in a period."""
        order = self._order[kind]
        for place in range(bisect_left(order, (since, "")), bisect_left(order, (until, ""))):
            yield self._lines[order[place][1]]


class Chronicle:
    """The moments of many actions, by ruleset and rule."""

    def __init__(self, rules: dict[tuple[str, str], Happened] | None = None) -> None:
        self._rules = {} if rules is None else rules

    @classmethod
    def of(cls, lines: Iterable[Line]) -> "Chronicle":
        """Return the moments of lines."""
        found = cls()
        for each in sorted(lines, key=lambda line: line.created_at):  # what comes last is put at the end
            found.put(each, None)
        return found

    def put(self, line: Line, before: Line | None) -> None:
        """Note a line, in place of what it was before."""
        rule = (line.ruleset, line.rule)
        if rule not in self._rules:
            self._rules[rule] = Happened()
        self._rules[rule].put(line, before)

    def only(self, rulesets: Collection[str]) -> "Chronicle":
        """Return those of some rulesets; they go on as these do, but for rules that nobody has heard of yet."""
        return Chronicle({rule: each for rule, each in self._rules.items() if rule[0] in rulesets})

    def rules(self) -> Mapping[tuple[str, str], Happened]:
        """Return what happened by (ruleset, rule), in order of their names."""
        return dict(sorted(self._rules.items()))


def utc(at: datetime) -> datetime:
    """Return a moment in UTC, as lines have theirs: comparing across zones costs ten times as much."""
    return at.astimezone(UTC)


def _move(order: list[_At], id: str, was: datetime | None, now: datetime | None) -> None:
    if was is not None:
        del order[bisect_left(order, (was, id))]
    if now is not None:
        insort(order, (now, id))
